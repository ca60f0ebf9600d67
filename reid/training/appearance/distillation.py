"""Let a trained network teach another: its vectors of the training pictures, in the other's space, and the losses."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.appearance.embedders import Embedder, unit_vectors
from reid.arrays import Floats, Floats32
from reid.training.appearance.datasets import Crops

PICTURES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class TaughtWeights:
    """The weight of each loss of distillation, and the temperature at which similarities are compared.

    A similarity of 1 / 15 more makes the same vehicle about e times as likely (the card), so that is the temperature.
    """

    vector: float = 3.0
    relation: float = 1.0
    temperature: float = 1 / 15


def teacher_vectors(crops: Crops, teacher: Embedder) -> Floats32:
    """Return the teacher's unit vectors of all pictures: of each the mean with its mirror image."""
    parts = []
    for start in range(0, len(crops), PICTURES_AT_ONCE):
        boxes = list(crops.boxes[start : start + PICTURES_AT_ONCE])
        mirrored = [np.ascontiguousarray(box[:, ::-1]) for box in boxes]
        parts.append(unit_vectors(teacher.embed(boxes) + teacher.embed(mirrored)))
    return np.concatenate(parts)


def reduced(vectors: Floats32, dims: int) -> Floats32:
    """Return unit vectors (n, dims) whose similarities follow those of longer ones: their principal directions."""
    return unit_vectors((vectors @ principal_directions(vectors, dims)).astype(np.float32))


def principal_directions(vectors: Floats32, dims: int) -> Floats:
    """Return the (d, dims) orthonormal directions that keep most of the dot products of these vectors (n, d)."""
    _, directions = np.linalg.eigh(vectors.astype(np.float64).T @ vectors.astype(np.float64))
    return np.asarray(directions[:, ::-1][:, :dims], dtype=np.float64)


def turned_to(vectors: Floats32, student: Floats32) -> Floats32:
    """Return the vectors (n, d) turned as a whole so that they lie as near as possible to the student's (n, d).

    Schoenemann, "A generalized solution of the orthogonal Procrustes problem", 1966: similarities stay as they are.
    """
    left, _, right = np.linalg.svd(vectors.astype(np.float64).T @ student.astype(np.float64))
    return np.asarray(vectors @ (left @ right), dtype=np.float32)


def vector_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean of one minus the cosine between unit vectors of the same pictures (n, d)."""
    return 1 - (student * teacher).sum(dim=1).mean()


def relation_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return how far the student's similarities within a batch are from the teacher's.

    For each picture the divergence (Kullback-Leibler) between the softmax over all others, of the teacher's and of the
    student's similarities (Passalis and Tefas, "Probabilistic Knowledge Transfer", 2018, equation 8).
    """
    itself = torch.eye(len(student), dtype=torch.bool, device=student.device)
    ours, theirs = (((one @ one.T) / temperature).masked_fill(itself, -1e4) for one in (student, teacher))
    return functional.kl_div(ours.log_softmax(1), theirs.log_softmax(1), reduction="batchmean", log_target=True)
