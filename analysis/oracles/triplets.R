# Ordinal embedding: the likelihood of t-STE in the plane, maximised by R's optim from many starts.
set.seed(61)
points <- matrix(rnorm(20), ncol = 2); d <- as.matrix(dist(points))
draws <- t(replicate(400, sample(10, 3))); noise <- rnorm(400, 0, 0.3)
swap <- d[draws[, 1:2]] + noise > d[draws[, c(1, 3)]]
draws[swap, 2:3] <- draws[swap, 3:2]
loss <- function(x) { p <- matrix(x, ncol = 2); s <- as.matrix(dist(p))^2; sum(log1p((1 + s[draws[, 1:2]]) / (1 + s[draws[, c(1, 3)]]))) }
best <- Inf
for (k in 1:6) best <- min(best, optim(rnorm(20), loss, method = "BFGS", control = list(maxit = 2000, reltol = 1e-12))$value)
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(points = points, triplets = draws - 1L, log_likelihood = -best), file.path(folder, "triplets.json"), digits = I(12), auto_unbox = TRUE)
