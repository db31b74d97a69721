# Paired choices by generalised linear models: Bradley–Terry as a logistic regression, Davidson's ties as a log-linear
# Poisson regression with a factor for each pair, Thurstone's case V as a probit regression, Glenn and David's ties as a
# cumulative probit with symmetric thresholds (maximised directly, with a check of the gradient). Standard errors come
# from the observed information. For reference data only results are written.
tight <- glm.control(epsilon = 1e-15, maxit = 100)

tables <- function(wins, ties) {  # one row for each pair i < j that was compared
  m <- nrow(wins); rows <- subset(expand.grid(j = 1:m, i = 1:m), i < j)
  rows$win <- wins[cbind(rows$i, rows$j)]; rows$loss <- wins[cbind(rows$j, rows$i)]; rows$tie <- ties[cbind(rows$i, rows$j)]
  rows[rows$win + rows$loss + rows$tie > 0, ]
}
design <- function(p, m) { x <- matrix(0, nrow(p), m); x[cbind(seq_len(nrow(p)), p$i)] <- 1; x[cbind(seq_len(nrow(p)), p$j)] <- -1; x }
centred <- function(est, v) {  # estimates with the first item at 0 -> sum 0
  m <- length(est) + 1; est <- c(0, est); full <- matrix(0, m, m); full[-1, -1] <- v
  c1 <- diag(m) - 1 / m
  list(strengths = est - mean(est), errors = sqrt(diag(c1 %*% full %*% c1)))
}
multinomial <- function(obs, n) sum(ifelse(obs > 0, obs * log(obs / n), 0))

plain <- function(p, m, link) {
  x <- design(p, m)[, -1, drop = FALSE]
  f <- suppressWarnings(glm(cbind(p$win, p$loss) ~ 0 + x, family = binomial(link), control = tight))  # with this epsilon glm never reports convergence
  f <- suppressWarnings(glm(cbind(p$win, p$loss) ~ 0 + x, family = binomial(link), control = tight, start = coef(f)))
  d <- drop(x %*% coef(f)); r <- function(z) dnorm(z) / pnorm(z)
  weight <- p$win * r(d) * (d + r(d)) + p$loss * r(-d) * (r(-d) - d)  # glm gives the expected information, this is the observed
  v <- if (link == "probit") solve(crossprod(x, weight * x)) else vcov(f)
  saturated <- multinomial(p$win, p$win + p$loss) + multinomial(p$loss, p$win + p$loss)
  c(centred(unname(coef(f)), unname(v)), list(tie = NULL, tie_error = NULL, deviance = deviance(f),
    pearson = sum(residuals(f, "pearson")^2), df = df.residual(f), log_likelihood = saturated - deviance(f) / 2))
}
davidson <- function(p, m) {
  k <- nrow(p); d <- design(p, m)[, -1, drop = FALSE]
  x <- rbind(cbind(d / 2, 0), cbind(-d / 2, 0), cbind(0 * d, 1)); pair <- factor(rep(seq_len(k), 3)); y <- c(p$win, p$loss, p$tie)
  f <- suppressWarnings(glm(y ~ 0 + pair + x, family = poisson, control = tight))
  f <- suppressWarnings(glm(y ~ 0 + pair + x, family = poisson, control = tight, start = coef(f)))
  w <- k + seq_len(m - 1); v <- vcov(f)
  n <- p$win + p$loss + p$tie
  saturated <- multinomial(p$win, n) + multinomial(p$loss, n) + multinomial(p$tie, n)
  c(centred(unname(coef(f))[w], unname(v[w, w])), list(tie = unname(coef(f))[k + m], tie_error = sqrt(v[k + m, k + m]),
    deviance = deviance(f), pearson = sum(residuals(f, "pearson")^2), df = 2 * k - m, log_likelihood = saturated - deviance(f) / 2))
}
glenn <- function(p, m) {
  x <- design(p, m)[, -1, drop = FALSE]
  cells <- function(q) { d <- x %*% q[-m]; cbind(pnorm(d - q[m]), pnorm(-d - q[m]), pnorm(d + q[m]) - pnorm(d - q[m])) }
  obs <- cbind(p$win, p$loss, p$tie)
  slope <- function(q) {
    d <- x %*% q[-m]; c3 <- cells(q); a <- dnorm(d - q[m]); b <- dnorm(-d - q[m])
    c(crossprod(x, obs[, 1] * a / c3[, 1] - obs[, 2] * b / c3[, 2] + obs[, 3] * (b - a) / c3[, 3]),
      sum(-obs[, 1] * a / c3[, 1] - obs[, 2] * b / c3[, 2] + obs[, 3] * (a + b) / c3[, 3]))
  }
  value <- function(q) if (q[m] <= 0) 1e10 else -sum(obs * log(cells(q)))
  q <- optim(c(rep(0, m - 1), 0.3), value, function(q) -slope(q), method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))$par
  hessian <- function(q) { h <- sapply(seq_along(q), function(k) { e <- 1e-4 * (seq_along(q) == k)
    (8 * (slope(q + e) - slope(q - e)) - (slope(q + 2 * e) - slope(q - 2 * e))) / 12e-4 }); (h + t(h)) / 2 }
  for (k in 1:20) q <- q - solve(hessian(q), slope(q))
  stopifnot(max(abs(slope(q))) < 1e-9)
  v <- solve(-hessian(q)); c3 <- cells(q); n <- rowSums(obs)
  c(centred(q[-m], v[-m, -m, drop = FALSE]), list(tie = q[m], tie_error = sqrt(v[m, m]),
    deviance = 2 * sum(ifelse(obs > 0, obs * log(obs / (n * c3)), 0)), pearson = sum((obs - n * c3)^2 / (n * c3)),
    df = 2 * nrow(p) - m, log_likelihood = -value(q)))
}
case <- function(name, wins, ties, keep = TRUE) {
  p <- tables(wins, ties); m <- nrow(wins)
  out <- list(name = name, items = m,
    bradley_terry = if (sum(ties)) davidson(p, m) else plain(p, m, "logit"),
    thurstone = if (sum(ties)) glenn(p, m) else plain(p, m, "probit"))
  if (keep) out <- c(out, list(wins = wins, ties = ties))
  out
}
set.seed(21)
planted <- function(m, n, nu, sparse = 0) {
  s <- rnorm(m); wins <- ties <- matrix(0, m, m)
  for (i in 1:(m - 1)) for (j in (i + 1):m) if (runif(1) >= sparse) {
    o <- rmultinom(1, n, c(exp((s[i] - s[j]) / 2), exp((s[j] - s[i]) / 2), nu))
    wins[i, j] <- o[1]; wins[j, i] <- o[2]; ties[i, j] <- ties[j, i] <- o[3]
  }
  list(wins, ties)
}
cases <- list()
# Citations among four statistical journals (Stigler 1994; Agresti, Categorical Data Analysis, table 10.10).
cases[[1]] <- case("journals", matrix(c(0, 730, 498, 221, 33, 0, 68, 17, 320, 813, 0, 142, 284, 276, 325, 0), 4, byrow = TRUE), matrix(0, 4, 4))
for (k in list(list("ties", 6, 20, .7, 0), list("sparse", 12, 15, .4, .5), list("plain", 8, 12, 0, 0))) {
  g <- do.call(planted, k[-1]); cases[[length(cases) + 1]] <- case(k[[1]], g[[1]], g[[2]]) }

data <- Sys.getenv("EARSHOT_REFERENCE", file.path("..", "..", "..", "shared", "reference"))
reference <- list()
if (dir.exists(file.path(data, "paired_comparisons"))) {
  h <- read.csv(file.path(data, "paired_comparisons", "human_sounds_46x30.csv"))
  w <- unname(unclass(table(factor(h$top_item, 1:12), factor(h$bottom_item, 1:12)))); attributes(w) <- list(dim = dim(w))
  reference[[1]] <- case("human_sounds", w, 0 * w, FALSE)
  s <- read.csv(file.path(data, "paired_comparisons", "soundquality_783x28.csv"), check.names = FALSE)
  labels <- readLines(file.path(data, "paired_comparisons", "soundquality_labels.txt")); w <- matrix(0, 8, 8)
  for (name in names(s)[-(1:5)]) { ij <- match(strsplit(name, ":")[[1]], labels)
    w[ij[1], ij[2]] <- sum(s[[name]] == 1); w[ij[2], ij[1]] <- sum(s[[name]] == -1) }
  reference[[2]] <- case("soundquality", w, 0 * w, FALSE)
}
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(cases = cases), file.path(folder, "choices.json"), digits = I(17), auto_unbox = TRUE, null = "null")
if (length(reference)) jsonlite::write_json(list(cases = reference), file.path(folder, "choices_reference.json"), digits = I(17), auto_unbox = TRUE, null = "null")
