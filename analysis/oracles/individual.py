"""One map whose dimensions each listener weights (INDSCAL), by the alternating least squares of Carroll and Chang
(1970): CANDECOMP of the doubly centred squared distances, in which the two factors of the items are free to differ,
from many starts."""

import numpy as np
from common import write


def products(table):
    n = len(table)
    centre = np.eye(n) - 1 / n
    b = -centre @ (table**2) @ centre / 2
    return b / np.linalg.norm(b)


def candecomp(b, rank, draw, rounds=20000):
    people, n, _ = b.shape
    left, right, weights = draw.normal(size=(n, rank)), draw.normal(size=(n, rank)), draw.random((people, rank))

    def khatri_rao(p, q):
        return np.einsum("ir,jr->ijr", p, q).reshape(-1, rank)

    last = np.inf
    for _ in range(rounds):
        weights = np.linalg.lstsq(khatri_rao(left, right), b.reshape(people, -1).T, rcond=None)[0].T
        left = np.linalg.lstsq(khatri_rao(weights, right), b.transpose(0, 2, 1).reshape(-1, n), rcond=None)[0].T
        right = np.linalg.lstsq(khatri_rao(weights, left), b.reshape(-1, n), rcond=None)[0].T
        loss = np.sum((b - np.einsum("kr,ir,jr->kij", weights, left, right)) ** 2)
        if last - loss < 1e-14:
            break
        last = loss
    return loss, left, right, weights


def case(name, points, weights, noise, draw):
    distances = np.sqrt(np.einsum("kr,ijr->kij", weights, (points[:, None] - points[None]) ** 2))
    shaken = distances * np.exp(noise * draw.normal(size=distances.shape))
    tables = np.round((shaken + shaken.transpose(0, 2, 1)) / 2, 6)
    b = np.array([products(table) for table in tables])
    loss, left, right, found = min((candecomp(b, 2, draw) for _ in range(20)), key=lambda fit: fit[0])
    sizes = [np.sqrt(np.mean(np.square(one), axis=0)) for one in (left, right)]
    turned = np.sign(np.sum(left * right, axis=0))
    found = found * sizes[0] * sizes[1] * turned
    left = left / sizes[0]
    order = np.argsort(-np.sum(found**2, axis=0))
    left, found = left[:, order], found[:, order]
    left *= np.sign(left[np.abs(left).argmax(axis=0), range(2)])
    assert (found >= 0).all(), name
    return {"name": name, "tables": tables, "points": left, "weights": found, "loss": loss}


def main():
    draw = np.random.default_rng(61)
    points = draw.normal(size=(9, 2))
    return {
        "cases": [
            case("planted", points, np.array([[1, 0.1], [0.2, 1], [0.6, 0.6], [1, 0.4], [0.3, 0.8]]), 0, draw),
            case("noisy", draw.normal(size=(8, 2)), 0.1 + draw.random((12, 2)), 0.12, draw),
        ]
    }


write("individual", main())
