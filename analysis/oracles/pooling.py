"""Agreement on pages that were filled from the systems' lists: strata written out candidate by candidate, and the whole
list pair by pair."""

import itertools

import numpy as np
from scipy import stats

from common import write

random = np.random.default_rng(21)


def rho(a, b):
    if len(a) < 2 or len(set(a)) == 1 or len(set(b)) == 1:
        return None
    return stats.spearmanr(a, b).statistic


def within(groups, a, b):
    """Mean of the groups' Spearman correlations, weighted by the number of candidates less one."""
    freedom = sum(len(g) - 1 for g in groups)
    told = [(len(g) - 1, rho([a[c] for c in g], [b[c] for c in g])) for g in groups if len(g) > 1]
    told = [(w, v) for w, v in told if v is not None]
    if freedom < 2 or not told:
        return None
    return sum(w * v for w, v in told) / sum(w for w, _ in told)


def weighted_pairs(pages, figure):
    """The figure of each two pages of a query, and its weight: together, pairs weigh as much as their pages."""
    told = [(i, j, figure(pages[i], pages[j])) for i, j in itertools.combinations(range(len(pages)), 2)]
    told = [(i, j, v) for i, j, v in told if v is not None]
    paired = {k for i, j, _ in told for k in (i, j)}
    return [(v, len(paired) / len(told)) for _, _, v in told]


def mean_of(weighted):
    return float(np.average([v for v, _ in weighted], weights=[w for _, w in weighted]))


def sign(x):
    return (x > 0) - (x < 0)


def case(systems, top, fillers, most, size, queries, listeners):
    ratings = ["participant,query,candidate,rating,scale_min,scale_max,is_reference"]
    rankings = ["query,system,rank,candidate"]
    names = [f"s{s}" for s in range(systems)]
    agreement = {n: [] for n in names}
    pairs = {n: [] for n in names}
    whole, whole_pairs = {n: [] for n in names}, []
    sure = min(top, (most - 1) // systems)
    for q in range(queries):
        quality = random.normal(size=size)
        order = {n: list(np.argsort(-(quality + e * random.normal(size=size)))) for n, e in zip(names, [0.3, 0.8, 9, 1.5])}
        rank = {n: {c: i + 1 for i, c in enumerate(o)} for n, o in order.items()}
        for n in names:
            rankings += [f"q{q},{n},{i + 1},c{c:02d}" for i, c in enumerate(order[n])]
        reference = int(random.integers(size))
        turn, shown = random.permutation(names), [reference]
        for r in range(top):
            for n in turn:
                if order[n][r] not in shown:
                    shown.append(order[n][r])
        union = {c for n in names for c in order[n][:top]} | {reference}
        rest = [c for c in range(size) if c not in union]
        shown = [int(c) for c in (shown + list(random.permutation(rest)[:fillers]))[:most]]
        heard = []
        for listener in range(listeners[q]):
            values = {c: int(np.clip(round(5 + 2 * (quality[c] + random.normal())), 0, 10)) for c in shown}
            heard.append({c: v for c, v in values.items() if c != reference})
            ratings += [f"l{listener},q{q},c{c:02d},{v},0,10,{str(c == reference).lower()}" for c, v in values.items()]
        page = [c for c in shown if c != reference]
        for n in names:
            others = [m for m in names if m != n]

            def stratum(c):
                if any(rank[m][c] <= sure for m in others):
                    return "anyway"
                if not any(rank[m][c] <= top for m in others):
                    return "own or drawn"
                return "later, own" if rank[n][c] <= top else "later, others"

            groups = [[c for c in page if stratum(c) == s] for s in sorted({stratum(c) for c in page})]
            scores = {c: -rank[n][c] for c in page}
            agreement[n] += [v for v in (within(groups, r, scores) for r in heard) if v is not None]
            pairs[n] += weighted_pairs(heard, lambda a, b, groups=groups: within(groups, a, b))

        drawn = {c for c in page if c in rest}

        def concordance(a, b):
            if len(set(a.values())) == 1 or len(set(b.values())) == 1:
                return None
            total = weights = 0.0
            for i, j in itertools.combinations(page, 2):
                count, f, r = len({i, j} & drawn), len(drawn), len(rest)
                w = [1, r / f if f else 0, r * (r - 1) / (f * (f - 1)) if f > 1 else 0][count]
                total += w * sign(a[i] - a[j]) * sign(b[i] - b[j])
                weights += w
            return total / weights

        for n in names:
            whole[n] += [v for v in (concordance(r, {c: -rank[n][c] for c in page}) for r in heard) if v is not None]
        whole_pairs += weighted_pairs(heard, concordance)
    return dict(
        top_k=top, random_fillers=fillers, max_per_trial=most, ratings="\n".join(ratings) + "\n",
        rankings="\n".join(rankings) + "\n", systems=names,
        agreement=[float(np.mean(agreement[n])) for n in names],
        listeners=[mean_of(pairs[n]) for n in names],
        whole_list=[float(np.mean(whole[n])) for n in names] if sure == top and fillers > 1 else [],
        whole_list_listeners=mean_of(whole_pairs) if sure == top and fillers > 1 else None)


write("pooling", dict(cases=[
    case(systems=3, top=2, fillers=3, most=20, size=24, queries=7, listeners=[5] * 7),
    case(systems=4, top=3, fillers=0, most=20, size=24, queries=6, listeners=[5] * 6),
    case(systems=4, top=3, fillers=2, most=9, size=20, queries=6, listeners=[5] * 6),
    case(systems=3, top=2, fillers=3, most=20, size=24, queries=6, listeners=[9, 3, 8, 2, 4, 9]),
]))
