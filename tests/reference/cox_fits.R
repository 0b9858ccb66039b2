# Reference values from R's survival package for Cox models of its own data sets lung, veteran and rotterdam.
#
#   Rscript cox_fits.R <folder> > cox_fits.csv
#
# Prints one row per number: its key, its value with all digits, and the call that gave it. With a folder it also
# writes there the persons of each model (<data set>.csv), so that others can fit the same.

suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)

persons <- list(
  lung = with(lung, data.frame(time, event = status == 2, age, female = sex == 2, ecog = ph.ecog, weight_loss = wt.loss,
                               stratum = inst)),
  veteran = with(veteran, data.frame(time, event = status == 1, experimental = trt == 2, small = celltype == "smallcell",
                                     adeno = celltype == "adeno", large = celltype == "large", karnofsky = karno, age,
                                     stratum = prior)),
  rotterdam = with(rotterdam, data.frame(time = dtime, event = death == 1, age, postmenopausal = meno, size_20_50 = size == "20-50",
                                         size_above_50 = size == ">50", nodes, hormone = hormon, stratum = grade))
)
terms <- list(
  lung = list(age = "age", female = "female", ecog = "ecog", weight_loss = "weight_loss"),
  veteran = list(experimental = "experimental", celltype = c("small", "adeno", "large"), karnofsky = "karnofsky", age = "age"),
  rotterdam = list(age = "age", postmenopausal = "postmenopausal", size = c("size_20_50", "size_above_50"), nodes = "nodes",
                   hormone = "hormone")
)

emit <- function(key, value, call) cat(sprintf('%s,%.17g,"%s"\n', key, value, call), sep = "")

# The line and the band's upper limit that plot() draws for the first term, by its own recipe: a natural spline.
smooth <- function(test) {
  along <- seq(min(test$x), max(test$x), length.out = 40)
  basis <- splines::ns(c(along, test$x), df = 4, intercept = TRUE)
  line <- lm.fit(basis[-(1:40), ], test$y[, 1])
  value <- drop(basis[1:40, ] %*% line$coefficients)
  inverse <- solve(crossprod(basis[-(1:40), ]))
  list(value = value, upper = value + 2 * sqrt(test$var[1, 1] * rowSums((basis[1:40, ] %*% inverse) * basis[1:40, ])))
}

cat("key,value,call\n")
for (name in names(persons)) {
  data <- persons[[name]]
  data[] <- lapply(data, as.numeric)
  data <- data[complete.cases(data), ]
  if (!is.na(folder)) write.csv(data, file.path(folder, paste0(name, ".csv")), row.names = FALSE)
  for (ties in c("efron", "breslow")) for (stratified in c(FALSE, TRUE)) {
    groups <- lapply(terms[[name]], function(columns) as.matrix(data[columns]))
    list2env(groups, environment())
    right <- paste(c(names(groups), if (stratified) "strata(stratum)"), collapse = " + ")
    call <- sprintf("coxph(Surv(time, event) ~ %s, %s, ties = '%s')", right, name, ties)
    fit <- coxph(as.formula(paste("Surv(time, event) ~", right)), data, ties = ties, control = control)
    path <- paste(name, ties, if (stratified) "stratified" else "plain", sep = ".")
    columns <- unlist(terms[[name]])
    for (place in seq_along(columns)) {
      emit(paste(path, columns[place], "coefficient", sep = "."), coef(fit)[[place]], call)
      emit(paste(path, columns[place], "standard_error", sep = "."), sqrt(diag(vcov(fit)))[[place]], call)
    }
    emit(paste0(path, ".log_likelihood_null"), fit$loglik[1], paste0(call, "$loglik[1]"))
    emit(paste0(path, ".log_likelihood"), fit$loglik[2], paste0(call, "$loglik[2]"))
    emit(paste0(path, ".score"), fit$score, paste0(call, "$score"))
    emit(paste0(path, ".wald"), fit$wald.test, paste0(call, "$wald.test"))
    emit(paste0(path, ".aic"), AIC(fit), sprintf("AIC(%s)", call))
    agreement <- concordance(fit)
    emit(paste0(path, ".concordance"), agreement$concordance, sprintf("concordance(%s)$concordance", call))
    emit(paste0(path, ".concordance_se"), sqrt(agreement$var), sprintf("sqrt(concordance(%s)$var)", call))
    for (transform in c("km", "rank", "identity")) {
      test <- cox.zph(fit, transform = transform)
      asked <- sprintf("cox.zph(%s, transform = '%s')", call, transform)
      for (term in rownames(test$table)) {
        emit(paste(path, "zph", transform, tolower(term), "chi_square", sep = "."), test$table[term, "chisq"], asked)
        emit(paste(path, "zph", transform, tolower(term), "p", sep = "."), test$table[term, "p"], asked)
      }
    }
    if (stratified) next
    single <- cox.zph(fit, transform = "km", terms = FALSE)
    drawn <- smooth(single)
    for (place in c(1, 13, 40)) {
      emit(paste(path, "smooth", columns[1], "at", place, sep = "."), drawn$value[place], "what plot(cox.zph(fit, terms = FALSE)[1]) draws")
      emit(paste(path, "smooth", columns[1], "upper", place, sep = "."), drawn$upper[place], "what plot(cox.zph(fit, terms = FALSE)[1]) draws")
    }
    emit(paste(path, "residuals", columns[1], "sum_of_squares", sep = "."), sum(single$y[, 1]^2), "sum(cox.zph(fit, terms = FALSE)$y[, 1]^2)")
  }
}
