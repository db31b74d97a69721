# Cumulative-link mixed models from ordinal::clmm (Laplace), on generated ratings. For the wine data only
# results are written.
suppressPackageStartupMessages(library(ordinal))
fit <- function(formula, data, k) {
  m <- clmm(formula, data = data, Hess = TRUE, control = clmm.control(gradTol = 1e-5))
  e <- unname(sqrt(diag(vcov(m))))
  b <- length(m$beta)
  list(formula = deparse1(formula), log_likelihood = as.numeric(logLik(m)), thresholds = I(unname(m$alpha)), fixed = I(unname(m$beta)),
    threshold_errors = I(e[seq_len(k - 1)]), fixed_errors = I(e[k - 1 + seq_len(b)]), aic = AIC(m),
    random = lapply(names(VarCorr(m)), function(g) { v <- VarCorr(m)[[g]]
      list(name = g, covariance = lapply(seq_len(nrow(v)), function(i) I(unname(v[i, ]))), effects = I(ranef(m)[[g]][1:3, 1])) }))
}
set.seed(41)
d <- expand.grid(participant = 1:15, query = 1:12); d <- d[rep(seq_len(nrow(d)), each = 3), ]; d <- d[runif(nrow(d)) < 0.5, ]
d$distance <- round(runif(nrow(d), 5, 40), 3)
l <- 4 - 0.15 * d$distance + rnorm(15, 0, 1.2)[d$participant] + rnorm(12, 0, 0.7)[d$query] + rlogis(nrow(d))
d$five <- factor(findInterval(l, c(-2, -0.5, 0.8, 2.2)) + 1); d$two <- factor(1 + (l > 0))
columns <- function(d, y, x, g) list(response = as.integer(d[[y]]) - 1L, predictors = unname(as.list(d[x])), names = I(x),
  levels = unname(lapply(g, function(k) as.integer(factor(d[[k]])) - 1L)), factors = I(g))
case <- function(name, d, y, x, g, formulas, keep = TRUE) c(list(name = name), if (keep) columns(d, y, x, g),
  list(fits = lapply(formulas, fit, data = d, k = nlevels(d[[y]]))))
g <- c("participant", "query")
# Slopes of listeners and of queries; and systems whose effects differ between listeners and between items.
s <- expand.grid(participant = 1:20, query = 1:14); s <- s[rep(seq_len(nrow(s)), each = 4), ]; s <- s[runif(nrow(s)) < 0.6, ]
s$distance <- round(runif(nrow(s), -2, 2), 3)
s$five <- factor(findInterval((-1.2 + rnorm(20, 0, 0.8)[s$participant] + rnorm(14, 0, 0.6)[s$query]) * s$distance + rnorm(20, 0, 1)[s$participant] +
  rnorm(14, 0, 0.6)[s$query] + rlogis(nrow(s)), c(-2, -0.6, 0.7, 2)) + 1)
m <- expand.grid(participant = 1:18, query = 1:8, system = 1:3); m$both <- interaction(m$participant, m$system); m$each <- interaction(m$query, m$system)
m$b <- 1 * (m$system == 2); m$c <- 1 * (m$system == 3)
m$five <- factor(findInterval(0.8 * m$b + 2 * m$c + rnorm(18, 0, 0.8)[m$participant] + rnorm(8, 0, 0.6)[m$query] + rnorm(54, 0, 0.9)[as.integer(m$both)] +
  rnorm(24, 0, 0.7)[as.integer(m$each)] + rlogis(nrow(m)), c(-1.2, 0, 1.3, 2.8)) + 1)
cases <- list(
  case("five", d, "five", "distance", g, list(five ~ distance + (1 | participant) + (1 | query), five ~ distance + (1 | participant), five ~ 1 + (1 | participant) + (1 | query))),
  case("two", d, "two", "distance", g, list(two ~ distance + (1 | participant) + (1 | query))),
  case("slopes", s, "five", "distance", g, list(five ~ distance + (1 + distance | participant) + (1 | query),
    five ~ distance + (1 + distance | participant) + (1 + distance | query))),
  case("systems", m, "five", c("b", "c"), c("participant", "both", "query", "each"),
    list(five ~ b + c + (1 | participant) + (1 | both) + (1 | query) + (1 | each))))
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
write <- function(x, name) jsonlite::write_json(list(cases = x), file.path(folder, name), digits = I(12), auto_unbox = TRUE, null = "null")
write(cases, "likert.json")
data <- file.path(Sys.getenv("EARSHOT_REFERENCE", file.path("..", "..", "..", "shared", "reference")), "textbook", "wine.csv")
if (file.exists(data)) {
  w <- read.csv(data); w$rating <- factor(w$rating); w$contact <- 1 * (w$contact == "yes"); w$temp <- 1 * (w$temp == "warm")
  w$judge <- factor(w$judge); w$bottle <- factor(w$bottle)
  write(list(case("wine", w, "rating", c("temp", "contact"), c("judge", "bottle"),
    list(rating ~ temp + contact + (1 | judge), rating ~ temp + contact + (1 | judge) + (1 | bottle)), FALSE)), "likert_reference.json")
}
