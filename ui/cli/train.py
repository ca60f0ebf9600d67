"""Train weights: the group `retrace train`, whose commands have files by what they teach."""

import click

from ui.cli.train_appearance import appearance, joined, transfer
from ui.cli.train_attributes import attributes
from ui.cli.train_detector import detector
from ui.cli.train_plates import fusion, locator, reader, twins, verifier


@click.group()
def train() -> None:
    """Train weights on rendered pictures, and on real ones where you have them."""


for command in (appearance, transfer, joined, attributes, detector, locator, reader, verifier, fusion, twins):
    train.add_command(command)
