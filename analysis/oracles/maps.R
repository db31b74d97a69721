# Perceptual maps: classical scaling by cmdscale, non-metric by MASS::isoMDS (Kruskal's stress, from many starts),
# Procrustes by its textbook formula.
set.seed(51)
centre <- function(x) sweep(x, 2, colMeans(x))
canonical <- function(x) apply(x, 2, function(v) v * sign(v[which.max(abs(v))]))
isometric <- function(d) {
  best <- NULL
  for (k in 0:30) {
    start <- if (k == 0) cmdscale(d) else matrix(rnorm(2 * attr(d, "Size")), ncol = 2) * mean(d)
    m <- MASS::isoMDS(d, start, maxit = 5000, tol = 1e-12, trace = FALSE)
    if (is.null(best) || m$stress < best$stress) best <- m
  }
  best
}
case <- function(name, d) {
  k <- suppressWarnings(cmdscale(d, k = 2, eig = TRUE))
  list(name = name, dissimilarities = unname(as.matrix(d)), classical = unname(canonical(k$points)), eigenvalues = k$eig, fit = k$GOF,
    stress = isometric(d)$stress / 100)
}
points <- matrix(rnorm(24), ncol = 2)
noisy <- as.dist(as.matrix(dist(matrix(rnorm(45), ncol = 3))) ^ 1.5 + 0)
cases <- list(case("plane", round(dist(points), 6)), case("space bent", round(noisy, 4)), case("ties", round(2 * dist(matrix(rnorm(64), ncol = 4))) / 2))
a <- matrix(rnorm(20), ncol = 2); b <- 2.5 * a %*% matrix(c(cos(1), sin(1), sin(1), -cos(1)), 2) + matrix(rnorm(20, 3, 0.3), ncol = 2)
s <- svd(t(centre(b)) %*% centre(a)); scale <- sum(s$d) / sum(centre(b)^2)
mapped <- sweep(scale * centre(b) %*% s$u %*% t(s$v), 2, colMeans(a), "+")
procrustes <- list(target = a, moved = b, mapped = mapped, correlation = sum(s$d) / sqrt(sum(centre(a)^2) * sum(centre(b)^2)), residual = sum((mapped - a)^2))
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(cases = cases, procrustes = procrustes), file.path(folder, "maps.json"), digits = I(15), auto_unbox = TRUE)
