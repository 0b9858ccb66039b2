# Reference values, from R's survival and splines packages, of a restricted cubic spline of age in German Breast
# Cancer Study Group trial 2.
#
#   Rscript splines.R <gbsg2.csv> > splines.csv
#
# The argument is the file that ships inside the lifelines package (lifelines/datasets/gbsg2.csv). A natural spline with
# the same knots spans the same functions as the restricted cubic one, so the likelihoods are the same.

suppressPackageStartupMessages({library(survival); library(splines)})
gbsg2 <- read.csv(commandArgs(trailingOnly = TRUE)[1])
cat("knots,statistic,value\n")
at <- list(`3` = c(.1, .5, .9), `4` = c(.05, .35, .65, .95), `5` = c(.05, .275, .5, .725, .95))
for (number in names(at)) {
  knots <- quantile(gbsg2$age, at[[number]])
  inner <- knots[-c(1, length(knots))]
  basis <- ns(gbsg2$age, knots = inner, Boundary.knots = range(knots))
  fit <- coxph(Surv(time, cens) ~ basis, gbsg2, ties = "efron", control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
  line <- coxph(Surv(time, cens) ~ age, gbsg2, ties = "efron", control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
  cat(sprintf("%s,likelihood_ratio,%.17g\n", number, 2 * diff(fit$loglik)))
  cat(sprintf("%s,bends,%.17g\n", number, 2 * (fit$loglik[2] - line$loglik[2])))
}
