import numpy as np

from reid.detect.background import background_of
from reid.detect.learned import CHANNELS, NO_DIFFERENCE, PADDING, SCENE_KNOWN, EmptyScene, pad_channels, stack_channels

RNG = np.random.default_rng(3)
STREET = RNG.integers(60, 180, (48, 64, 3)).astype(np.uint8)


def scene() -> EmptyScene:
    return EmptyScene.of(background_of([STREET] * 5))


def test_a_photograph_has_its_colours_and_nothing_that_moves() -> None:
    channels = stack_channels(STREET, None, None)
    assert channels.shape == (48, 64, CHANNELS)
    assert (channels[..., :3] == STREET).all()
    assert (channels[..., 3:6] == NO_DIFFERENCE).all()
    assert (channels[..., 6] == 0).all()
    assert (channels[..., 7] == NO_DIFFERENCE).all()


def test_an_empty_street_differs_from_itself_nowhere_but_is_known() -> None:
    channels = stack_channels(STREET, scene(), None)
    assert (channels[..., 3:6] == NO_DIFFERENCE).all()
    assert (channels[..., 6] == SCENE_KNOWN).all()


def test_a_thing_shows_by_half_its_difference_and_a_change_of_light_as_a_whole_does_not() -> None:
    frame = np.clip(STREET * 0.8, 0, 255).astype(np.uint8)
    frame[10:20, 10:30] = STREET[10:20, 10:30] * 0.8 + 40
    channels = stack_channels(frame, scene(), None).astype(int)
    assert abs(channels[30:, :, 3:6] - NO_DIFFERENCE).max() <= 1
    assert abs(channels[10:20, 10:30, 3:6] - NO_DIFFERENCE - 20).max() <= 1


def test_the_frame_before_shows_what_just_moved() -> None:
    before = np.full((48, 64), 100, np.uint8)
    frame = np.full((48, 64, 3), 100, np.uint8)
    frame[5:9, 5:9] = 160
    channels = stack_channels(frame, None, before)
    assert (channels[5:9, 5:9, 7] == NO_DIFFERENCE + 30).all()
    assert (channels[20:, :, 7] == NO_DIFFERENCE).all()


def test_padding_is_right_and_below_and_marks_the_scene_unknown() -> None:
    whole = pad_channels(stack_channels(STREET, scene(), None), 64, 96)
    assert whole.shape == (64, 96, CHANNELS)
    assert (whole[:48, :64] == stack_channels(STREET, scene(), None)).all()
    assert (whole[48:] == PADDING).all()
    assert (whole[:, 64:] == PADDING).all()
