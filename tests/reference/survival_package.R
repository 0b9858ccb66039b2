# Reference values from R's survival package, on the data sets that come with it.
#
#   Rscript survival_package.R <folder>
#
# Writes into the folder: data/<data set>.csv, the records as they were analysed; data/levels.csv, the categories in their
# order, and data/analyses.csv, which columns are time, event and comparison; and survival_package.csv, one row per number: whom it is of, which statistic with which options, its value with
# all digits, and the R call that gave it.

suppressPackageStartupMessages(library(survival))

folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(file.path(folder, "data"), showWarnings = FALSE)
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 200)
transforms <- c("plain", "log", "log-log", "logit", "arcsin")
quantiles_of_survival <- c(0.75, 0.5, 0.25)

# ── the data sets: time, event, a comparison, strata of it, and covariates of Cox models ──

analysis <- function(data, time, event, group, covariates, categories = character(), strata = NULL) {
  columns <- unique(c(time, event, group, strata, covariates))
  data <- as.data.frame(data)[, columns]
  for (name in categories) data[[name]] <- factor(data[[name]])
  list(data = data, time = time, event = event, group = group, covariates = covariates, strata = strata)
}

lung$status <- as.integer(lung$status == 2)
pbc$died <- as.integer(pbc$status == 2)
pbc$log_bili <- log(pbc$bili)
pbc$log_protime <- log(pbc$protime)
colon_deaths <- colon[colon$etype == 2, ]
colon_recurrences <- colon[colon$etype == 1, ]
colon_covariates <- c("rx", "sex", "age", "obstruct", "adhere", "nodes", "extent", "surg")

analyses <- list(
  lung = analysis(lung, "time", "status", "sex", c("age", "sex", "ph.ecog", "ph.karno", "wt.loss"), strata = "ph.ecog"),
  veteran = analysis(veteran, "time", "status", "celltype", c("trt", "celltype", "karno", "diagtime", "age", "prior"), "celltype", "trt"),
  colon_death = analysis(colon_deaths, "time", "status", "rx", colon_covariates, "rx", "surg"),
  colon_recurrence = analysis(colon_recurrences, "time", "status", "rx", colon_covariates, "rx", "surg"),
  rotterdam = analysis(rotterdam, "dtime", "death", "size", c("age", "meno", "size", "grade", "nodes", "hormon", "chemo"), "size", "meno"),
  gbsg = analysis(gbsg, "rfstime", "status", "hormon", c("age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon"), "grade", "meno"),
  pbc = analysis(pbc, "time", "died", "stage", c("age", "edema", "log_bili", "albumin", "log_protime", "sex"), c("stage", "sex"), "sex"),
  ovarian = analysis(ovarian, "futime", "fustat", "rx", c("age", "resid.ds", "rx", "ecog.ps"), strata = "ecog.ps"),
  kidney = analysis(kidney, "time", "status", "disease", c("age", "sex", "disease"), "disease", "sex"),
  leukemia = analysis(leukemia, "time", "status", "x", "x", "x")
)

# ── the table that is written ──

rows <- list()
emit <- function(set, members, statistic, options, value, call) {
  number <- ifelse(is.na(value), "", sprintf("%.17g", as.numeric(value)))
  rows[[length(rows) + 1]] <<- sprintf('%s,%s,%s,"%s",%s,"%s"', set, members, statistic, options, number, gsub('"', "'", call))
}
options_text <- function(...) {
  given <- list(...)
  paste(names(given), sapply(given, as.character), sep = "=", collapse = ";")
}

# ── Kaplan-Meier ──

describe_curve <- function(set, members, time, event) {
  survival_at <- unique(round(quantile(time, c(0.1, 0.3, 0.5, 0.8), names = FALSE)))
  horizon <- round(quantile(time, 0.8, names = FALSE))
  for (transform in transforms) {
    fit <- survfit(Surv(time, event) ~ 1, conf.type = transform)
    reversed <- survfit(Surv(time, 1 - event) ~ 1, conf.type = transform)
    call <- sprintf("survfit(Surv(time, event) ~ 1, conf.type = '%s')", transform)
    for (p in quantiles_of_survival) {
      found <- quantile(fit, 1 - p)
      asked <- sprintf("quantile(%s, %g)", call, 1 - p)
      emit(set, members, "quantile_lower", options_text(survival = p, interval = transform), found$lower, asked)
      emit(set, members, "quantile_upper", options_text(survival = p, interval = transform), found$upper, asked)
      if (transform == "plain") emit(set, members, "quantile", options_text(survival = p), found$quantile, asked)
    }
    found <- quantile(reversed, 0.5)
    asked <- sprintf("quantile(%s, 0.5)", sub("event", "1 - event", call))
    emit(set, members, "follow_up_lower", options_text(interval = transform), found$lower, asked)
    emit(set, members, "follow_up_upper", options_text(interval = transform), found$upper, asked)
    if (transform == "plain") emit(set, members, "follow_up", "", found$quantile, asked)
    at <- summary(fit, times = survival_at)
    for (place in seq_along(at$time)) {
      asked <- sprintf("summary(%s, times = %g)", call, at$time[place])
      options <- options_text(time = at$time[place], interval = transform)
      inside <- at$surv[place] < 1 && at$surv[place] > 0
      emit(set, members, "survival_lower", options, if (inside) at$lower[place] else NA, asked)
      emit(set, members, "survival_upper", options, if (inside) at$upper[place] else NA, asked)
      if (transform == "plain") {
        emit(set, members, "survival", options_text(time = at$time[place]), at$surv[place], asked)
        emit(set, members, "standard_error", options_text(time = at$time[place]), at$std.err[place], asked)
        emit(set, members, "at_risk", options_text(time = at$time[place]), at$n.risk[place], asked)
      }
    }
  }
  for (until in c(horizon, max(time))) {
    table <- summary(survfit(Surv(time, event) ~ 1), rmean = until)$table
    asked <- sprintf("summary(survfit(Surv(time, event) ~ 1), rmean = %g)$table", until)
    emit(set, members, "restricted_mean", options_text(horizon = until), table["rmean"], asked)
    emit(set, members, "restricted_mean_se", options_text(horizon = until), table["se(rmean)"], asked)
  }
}

# ── tests ──

emit_test <- function(set, statistic, options, test, call) {
  df <- sum(test$exp > 0) - 1
  if (is.matrix(test$exp)) df <- sum(rowSums(test$exp) > 0) - 1
  emit(set, "", paste0(statistic, "_chi_square"), options, test$chisq, call)
  emit(set, "", paste0(statistic, "_p"), options, pchisq(test$chisq, df, lower.tail = FALSE), call)
}

describe_comparison <- function(set, a) {
  data <- a$data
  data$time <- data[[a$time]]
  data$event <- data[[a$event]]
  data$group <- data[[a$group]]
  known <- data[!is.na(data$group), ]
  for (rho in c(0, 1)) {
    test <- survdiff(Surv(time, event) ~ group, data = known, rho = rho)
    emit_test(set, "log_rank", options_text(rho = rho), test, sprintf("survdiff(Surv(time, event) ~ %s, rho = %g)", a$group, rho))
    if (!is.null(a$strata)) {
      data$stratum <- data[[a$strata]]
      both <- data[!is.na(data$group) & !is.na(data$stratum), ]
      test <- survdiff(Surv(time, event) ~ group + strata(stratum), data = both, rho = rho)
      call <- sprintf("survdiff(Surv(time, event) ~ %s + strata(%s), rho = %g)", a$group, a$strata, rho)
      emit_test(set, "log_rank", options_text(rho = rho, strata = a$strata), test, call)
    }
  }
}

# ── Cox ──

describe_model <- function(set, a, ties, covariates, strata = NULL) {
  data <- a$data
  data$time <- data[[a$time]]
  data$event <- data[[a$event]]
  data <- data[complete.cases(data[, c("time", "event", covariates, strata)]), ]
  right_side <- paste(c(sprintf("`%s`", covariates), if (!is.null(strata)) sprintf("strata(%s)", strata)), collapse = " + ")
  fit <- coxph(as.formula(paste("Surv(time, event) ~", right_side)), data = data, ties = ties, control = control, x = TRUE)
  call <- sprintf("coxph(Surv(time, event) ~ %s, ties = '%s')", gsub("`", "", right_side), ties)
  model <- paste(covariates, collapse = "+")
  options <- function(...) do.call(options_text, c(list(ties = ties, model = model), if (!is.null(strata)) list(strata = strata), list(...)))
  errors <- sqrt(diag(vcov(fit)))
  for (name in names(coef(fit))) {
    term <- gsub("`", "", name)
    emit(set, "", "coefficient", options(term = term), coef(fit)[[name]], call)
    emit(set, "", "coefficient_se", options(term = term), errors[[name]], call)
  }
  tests <- summary(fit)
  emit(set, "", "log_likelihood_null", options(), fit$loglik[1], call)
  emit(set, "", "log_likelihood", options(), fit$loglik[2], call)
  emit(set, "", "likelihood_ratio_chi_square", options(), tests$logtest[["test"]], call)
  emit(set, "", "score_chi_square", options(), fit$score, call)
  emit(set, "", "wald_chi_square", options(), fit$wald.test, call)
  emit(set, "", "aic", options(), AIC(fit), call)
  concordant <- concordance(fit)
  emit(set, "", "concordance", options(), concordant$concordance, sprintf("concordance(%s)", call))
  emit(set, "", "concordance_se", options(), sqrt(concordant$var), sprintf("concordance(%s)", call))
  for (transform in c("km", "rank", "identity")) {
    test <- cox.zph(fit, transform = transform)$table
    asked <- sprintf("cox.zph(%s, transform = '%s')", call, transform)
    for (name in rownames(test)) {
      term <- gsub("`", "", name)
      emit(set, "", "proportional_hazards_chi_square", options(transform = transform, term = term), test[name, "chisq"], asked)
      emit(set, "", "proportional_hazards_p", options(transform = transform, term = term), test[name, "p"], asked)
    }
  }
}

for (set in names(analyses)) {
  a <- analyses[[set]]
  write.csv(a$data, file.path(folder, "data", paste0(set, ".csv")), row.names = FALSE, na = "")
  time <- a$data[[a$time]]
  event <- a$data[[a$event]]
  describe_curve(set, "", time, event)
  for (level in sort(unique(as.character(na.omit(a$data[[a$group]]))))) {
    inside <- !is.na(a$data[[a$group]]) & as.character(a$data[[a$group]]) == level
    describe_curve(set, sprintf("%s=%s", a$group, level), time[inside], event[inside])
  }
  describe_comparison(set, a)
  for (ties in c("efron", "breslow")) {
    for (covariate in a$covariates) describe_model(set, a, ties, covariate)
    if (length(a$covariates) > 1) describe_model(set, a, ties, a$covariates)
    if (!is.null(a$strata)) describe_model(set, a, ties, setdiff(a$covariates, a$strata), a$strata)
  }
}

level_rows <- unlist(lapply(names(analyses), function(set) {
  factors <- Filter(is.factor, analyses[[set]]$data)
  unlist(lapply(names(factors), function(name) sprintf('%s,%s,"%s"', set, name, levels(factors[[name]]))))
}))
writeLines(c("data_set,column,level", level_rows), file.path(folder, "data", "levels.csv"))
about <- unlist(lapply(names(analyses), function(set) {
  a <- analyses[[set]]
  sprintf("%s,%s,%s,%s", set, a$time, a$event, a$group)
}))
writeLines(c("data_set,time,event,group", about), file.path(folder, "data", "analyses.csv"))
writeLines(c("data_set,members,statistic,options,value,call", unlist(rows)), file.path(folder, "survival_package.csv"))
