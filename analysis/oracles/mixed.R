# Linear mixed models from lme4, with its optimiser run to the last digits, on lme4's own data and on generated ratings.
suppressPackageStartupMessages(library(lme4))
precise <- function(formula, data, reml) suppressMessages(suppressWarnings(lmer(formula, data, REML = reml,
  control = lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE,
    optCtrl = list(xtol_abs = 1e-10, ftol_abs = 1e-12, xtol_rel = 0, ftol_rel = 0, maxeval = 1e5)))))
fit <- function(formula, data, reml) {
  m <- precise(formula, data, reml)
  f <- getME(m, "X") %*% fixef(m); s2 <- sigma(m)^2
  groups <- VarCorr(m)
  # Johnson 2014: the mean over observations of z' Sigma z, each factor's z from its own model matrix.
  r <- sum(sapply(names(groups), function(g) { z <- model.matrix(as.formula(paste("~", if (nrow(groups[[g]]) > 1) rownames(groups[[g]])[2] else "1")), data)
    mean(rowSums((z %*% groups[[g]]) * z)) }))
  v <- var(drop(f))
  list(method = if (reml) "REML" else "ML", formula = deparse1(formula), log_likelihood = as.numeric(logLik(m)), fixed = I(unname(fixef(m))),
    errors = I(unname(sqrt(diag(as.matrix(vcov(m)))))), residual = s2, aic = AIC(m), bic = BIC(m), singular = isSingular(m),
    random = lapply(names(groups), function(g) list(name = g, effects = unname(as.matrix(ranef(m, condVar = FALSE)[[g]]))[1:3, , drop = FALSE], covariance = unname(matrix(groups[[g]], nrow(groups[[g]]))))),
    marginal = v / (v + r + s2), conditional = (v + r) / (v + r + s2))
}
set.seed(31)
ratings <- function(people, queries, per, slope_sd, query_sd) {
  d <- expand.grid(participant = 1:people, query = 1:queries)
  d <- d[rep(seq_len(nrow(d)), each = per), ]; d <- d[runif(nrow(d)) < 0.7, ]
  d$distance <- round(runif(nrow(d), 5, 40), 3)
  u <- rnorm(people, 0, 8); s <- rnorm(people, 0, slope_sd); q <- rnorm(queries, 0, query_sd)
  d$rating <- round(80 - 1.2 * d$distance + u[d$participant] + s[d$participant] * d$distance + q[d$query] + rnorm(nrow(d), 0, 10), 2)
  d
}
columns <- function(d, y, x, g) list(response = d[[y]], predictors = unname(as.list(d[x])), names = I(x),
  levels = unname(lapply(g, function(k) as.integer(factor(d[[k]])) - 1L)), factors = I(g))
many <- ratings(12, 9, 2, 0.4, 5); flat <- ratings(8, 20, 1, 0, 6)
full <- rating ~ distance + (1 + distance | participant) + (1 | query)
simple <- rating ~ distance + (1 | participant) + (1 | query)
case <- function(name, data, y, x, g, formulas) c(list(name = name), columns(data, y, x, g),
  list(fits = unlist(lapply(formulas, function(f) lapply(c(TRUE, FALSE), function(r) fit(f, data, r))), recursive = FALSE)))
cases <- list(
  case("sleepstudy", sleepstudy, "Reaction", "Days", "Subject", list(Reaction ~ Days + (Days | Subject), Reaction ~ Days + (1 | Subject))),
  case("dyestuff2", Dyestuff2, "Yield", character(0), "Batch", list(Yield ~ 1 + (1 | Batch))),  # a variance of 0
  case("penicillin", Penicillin, "diameter", character(0), c("plate", "sample"), list(diameter ~ 1 + (1 | plate) + (1 | sample))),
  case("ratings", many, "rating", "distance", c("participant", "query"),
    list(full, simple, rating ~ 1 + (1 | participant) + (1 | query), rating ~ distance + (1 | query), rating ~ distance + (1 + distance | participant) + (1 + distance | query))),
  case("more queries than listeners, no slopes", flat, "rating", "distance", c("participant", "query"), list(full, simple)))
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
jsonlite::write_json(list(cases = cases), file.path(folder, "mixed.json"), digits = I(12), auto_unbox = TRUE, null = "null")
