# Scores of systems: linear mixed models from lme4 and lmerTest, marginal means and contrasts from emmeans, letters from
# multcompView, and t-tests of diff grades. Ratings are generated; those of the codec study are read in place.
suppressPackageStartupMessages({ library(lmerTest); library(emmeans); library(multcompView) })
emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e5)
scores <- function(people, items, systems, sd_listener, sd_item, noise, keep = 1) {
  d <- expand.grid(listener = sprintf("l%02d", 1:people), item = sprintf("i%02d", 1:items), system = letters[1:systems], stringsAsFactors = TRUE)
  own <- matrix(rnorm(people * systems, 0, sd_listener), people) + rnorm(people, 0, 6)
  of <- matrix(rnorm(items * systems, 0, sd_item), items) + rnorm(items, 0, 5)
  d$score <- round(70 - 6 * as.integer(d$system) + own[cbind(as.integer(d$listener), as.integer(d$system))] +
    of[cbind(as.integer(d$item), as.integer(d$system))] + rnorm(nrow(d), 0, noise), 2)
  d[runif(nrow(d)) < keep, ]
}
fit <- function(d, formula) {
  m <- suppressMessages(suppressWarnings(lmer(formula, d, REML = TRUE, control = lmerControl(optimizer = "nloptwrap",
    calc.derivs = FALSE, optCtrl = list(xtol_abs = 1e-10, ftol_abs = 1e-12, xtol_rel = 0, ftol_rel = 0, maxeval = 1e5)))))
  e <- emmeans(m, "system"); means <- summary(e); pairs <- summary(pairs(e, adjust = "none"))
  list(formula = deparse1(formula), log_likelihood = as.numeric(logLik(m)), singular = isSingular(m), deviations = as.data.frame(VarCorr(m))$sdcor[is.na(as.data.frame(VarCorr(m))$var2)],
    systems = I(as.character(means$system)), means = I(means$emmean), errors = I(means$SE), degrees_of_freedom = I(means$df),
    pairs = I(as.character(pairs$contrast)), differences = I(pairs$estimate), difference_errors = I(pairs$SE), difference_degrees_of_freedom = I(pairs$df),
    p = I(pairs$p.value), p_holm = I(p.adjust(pairs$p.value, "holm")))
}
case <- function(name, d, formula, keep = TRUE) c(list(name = name), if (keep) list(listener = as.character(d$listener), item = as.character(d$item),
  system = as.character(d$system), score = d$score), fit(d, formula))
free <- score ~ system + (1 + system | listener) + (1 + system | item)
equal <- score ~ system + (1 | listener) + (1 | listener:system) + (1 | item) + (1 | item:system)
set.seed(61); three <- scores(16, 14, 3, 6, 6, 5)
set.seed(62); seven <- scores(12, 9, 7, 5, 4, 7, 0.8)
folder <- Sys.getenv("ORACLE_OUT", "fixtures")
write <- function(x, name) jsonlite::write_json(x, file.path(folder, name), digits = I(10), auto_unbox = TRUE)
# Which of k systems do not differ significantly, given the pairs that do.
set.seed(63)
lettered <- lapply(1:12, function(n) {
  k <- sample(3:8, 1); pairs <- t(combn(k, 2)); differs <- runif(nrow(pairs)) < 0.5
  names(differs) <- paste(pairs[, 1], pairs[, 2], sep = "-")
  l <- multcompLetters(differs)$Letters
  list(count = k, first = pairs[, 1] - 1, second = pairs[, 2] - 1, differs = differs, letters = I(unname(l[order(as.integer(names(l)))])))
})
grades <- list(c(-1, 0, -2, -1), c(0.5, -0.2, 0.1, 0, -0.4, 0.3), c(-0.1, -0.3, 0, -0.2, 0.1, -0.4, -0.2))
write(list(cases = list(case("every variance free", three, free), case("many systems, a fifth missing", seven, equal)), letters = lettered,
  expertise = lapply(grades, function(g) { t <- t.test(g, alternative = "less"); list(grades = g, t = unname(t$statistic), p = t$p.value) })), "systems.json")
codec <- file.path(Sys.getenv("EARSHOT_REFERENCE", "../../../shared/reference"), "mushra_codec/ratings.csv")
if (file.exists(codec)) {
  d <- read.csv(codec); d <- d[!d$condition %in% c("Reference", "Anchor"), ]
  d <- data.frame(listener = factor(d$participant), item = factor(d$signal), system = factor(d$condition), score = d$rating)
  write(case("codec", d, equal, keep = FALSE), "systems_reference.json")
}
