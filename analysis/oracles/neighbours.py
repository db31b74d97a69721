"""The oracle for maps of embeddings, from scikit-learn: principal components, exact t-SNE, and how well a map preserves
neighbours."""

import numpy as np
from common import write
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities, _kl_divergence
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

K = 10


def groups(random):
    """Five groups of unequal spread in ten dimensions."""
    centres = random.normal(0, 4, (5, 10))
    return np.concatenate([centre + random.normal(0, 0.4 + 0.4 * i, (30, 10)) for i, centre in enumerate(centres)])


def roll(random):
    """A rolled-up sheet, with noise in three more dimensions."""
    turn, along = 1.5 * np.pi * (1 + 2 * random.random(120)), random.random(120) * 20
    return np.column_stack([turn * np.cos(turn), along, turn * np.sin(turn), random.normal(0, 0.3, (120, 3))])


def kept(points, shown):
    def near(x):
        return NearestNeighbors(n_neighbors=K).fit(x).kneighbors(return_distance=False)

    return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(near(points), near(shown))]))


def quality(points, shown):
    # Continuity is trustworthiness with the roles of space and map swapped.
    return {"trustworthiness": trustworthiness(points, shown, n_neighbors=K), "continuity": trustworthiness(shown, points, n_neighbors=K),
            "kept": kept(points, shown)}


cases = []
for name, make, perplexity in (("groups", groups, 15), ("roll", roll, 20)):
    points = np.round(make(np.random.default_rng(7)), 4)
    pca = PCA(2).fit(points)
    shown = pca.transform(points)
    p = _joint_probabilities(pairwise_distances(points, metric="sqeuclidean"), perplexity, verbose=0)
    tsne = TSNE(method="exact", init="pca", perplexity=perplexity, learning_rate="auto", max_iter=1000, random_state=0)
    reached = tsne.fit_transform(points)
    cases.append({
        "name": name, "perplexity": perplexity, "k": K, "points": points, "explained": pca.explained_variance_ratio_, "components": shown,
        "divergence_of_components": _kl_divergence(shown.ravel(), p, 1.0, len(points), 2)[0], "quality_of_components": quality(points, shown),
        "divergence_reached": tsne.kl_divergence_, "quality_reached": quality(points, reached),
    })
write("neighbours", {"maps": cases})
