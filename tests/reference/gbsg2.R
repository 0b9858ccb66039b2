# Reference values from R's survival package for the data of German Breast Cancer Study Group trial 2.
#
#   Rscript gbsg2.R <gbsg2.csv> > gbsg2.csv
#
# The argument is the file that ships inside the lifelines package (lifelines/datasets/gbsg2.csv). Prints one
# row per number: its key (times in days), its value with all digits, and the R call that gave it.

suppressPackageStartupMessages(library(survival))

gbsg2 <- read.csv(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = TRUE)
gbsg2$horTh <- relevel(gbsg2$horTh, ref = "no")
gbsg2$menostat <- relevel(gbsg2$menostat, ref = "Pre")
gbsg2$tgrade <- factor(gbsg2$tgrade, levels = c("I", "II", "III"))

days_per_month <- 30.4375
landmarks <- c(12, 24, 36, 60)
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)

emit <- function(key, value, call) {
  number <- ifelse(is.na(value), "", sprintf("%.17g", value))
  cat(sprintf('%s,%s,"%s"\n', key, number, gsub('"', "'", call)), sep = "")
}

one_line <- function(expression) gsub("\\s+", " ", paste(deparse(expression, width.cutoff = 500), collapse = " "))

# ── Kaplan-Meier ──

survival_rows <- function(variant, path, fit, call) {
  median <- quantile(fit, 0.5)
  emit(sprintf("%s/%s.median", variant, path), median$quantile, paste0("quantile(", call, ", 0.5)$quantile"))
  emit(sprintf("%s/%s.median_lower", variant, path), median$lower, paste0("quantile(", call, ", 0.5)$lower"))
  emit(sprintf("%s/%s.median_upper", variant, path), median$upper, paste0("quantile(", call, ", 0.5)$upper"))
  for (months in landmarks) {
    at <- summary(fit, times = months * days_per_month)
    asked <- sprintf("summary(%s, times = %d * 30.4375)", call, months)
    emit(sprintf("%s/%s.survival_%dm", variant, path, months), at$surv, paste0(asked, "$surv"))
    emit(sprintf("%s/%s.survival_%dm_lower", variant, path, months), at$lower, paste0(asked, "$lower"))
    emit(sprintf("%s/%s.survival_%dm_upper", variant, path, months), at$upper, paste0(asked, "$upper"))
    emit(sprintf("%s/%s.at_risk_%dm", variant, path, months), at$n.risk, paste0(asked, "$n.risk"))
  }
}

cat("key,value,call\n")
for (transform in c("plain", "log", "log-log")) {
  data_of <- list("rfs.km" = gbsg2)
  for (level in levels(gbsg2$horTh)) {
    data_of[[paste0("rfs.km.hormonal_therapy=", level)]] <- gbsg2[gbsg2$horTh == level, ]
  }
  for (path in names(data_of)) {
    fit <- survfit(Surv(time, cens) ~ 1, data = data_of[[path]], conf.type = transform)
    call <- sprintf("survfit(Surv(time, cens) ~ 1, conf.type = '%s')", transform)
    survival_rows(transform, path, fit, call)
  }
  follow_up <- quantile(survfit(Surv(time, 1 - cens) ~ 1, data = gbsg2, conf.type = transform), 0.5)
  call <- sprintf("quantile(survfit(Surv(time, 1 - cens) ~ 1, conf.type = '%s'), 0.5)", transform)
  emit(sprintf("%s/followup.reverse_km.median", transform), follow_up$quantile, paste0(call, "$quantile"))
  emit(sprintf("%s/followup.reverse_km.lower", transform), follow_up$lower, paste0(call, "$lower"))
  emit(sprintf("%s/followup.reverse_km.upper", transform), follow_up$upper, paste0(call, "$upper"))
}

# ── log-rank ──

for (pair in list(c("horTh", ""), c("tgrade", ".tumour_grade"))) {
  groups <- gbsg2[[pair[1]]]
  test <- survdiff(Surv(time, cens) ~ groups, data = gbsg2)
  call <- sprintf("survdiff(Surv(time, cens) ~ %s)", pair[1])
  df <- length(test$n) - 1
  path <- paste0("rfs.logrank", pair[2])
  emit(paste0(path, ".chi_square"), test$chisq, paste0(call, "$chisq"))
  emit(paste0(path, ".df"), df, paste0("length(", call, "$n) - 1"))
  emit(paste0(path, ".p"), pchisq(test$chisq, df, lower.tail = FALSE), paste0("pchisq(", call, "$chisq, df, lower.tail = FALSE)"))
}

# ── Cox ──

terms_of <- c(
  horThyes = "hormonal_therapy.yes", age = "age", menostatPost = "menopausal_status.postmenopausal", tsize = "tumour_size",
  tgradeII = "tumour_grade.ii", tgradeIII = "tumour_grade.iii", pnodes = "positive_nodes",
  progrec = "progesterone_receptor", estrec = "oestrogen_receptor"
)
columns <- c("horTh", "age", "menostat", "tsize", "tgrade", "pnodes", "progrec", "estrec")

variable_of <- c(
  horTh = "hormonal_therapy", age = "age", menostat = "menopausal_status", tsize = "tumour_size", tgrade = "tumour_grade",
  pnodes = "positive_nodes", progrec = "progesterone_receptor", estrec = "oestrogen_receptor"
)

# Chi-square, degrees of freedom and p of a test.
emit_test <- function(path, chi_square, df, call) {
  emit(paste0(path, ".chi_square"), chi_square, call)
  emit(paste0(path, ".df"), df, call)
  emit(paste0(path, ".p"), pchisq(chi_square, df, lower.tail = FALSE), call)
}

whole_model <- function(fit, call, ties, model) {
  univariable <- model == "univariable"
  terms <- attr(fit$terms, "term.labels")
  path <- sprintf("%s/rfs.cox.%s%s", ties, model, if (univariable) paste0(".", variable_of[[terms]]) else "")
  table <- summary(fit)
  emit_test(paste0(path, ".likelihood_ratio"), table$logtest[["test"]], table$logtest[["df"]], paste0("summary(", call, ")$logtest"))
  emit_test(paste0(path, ".wald"), fit$wald.test, table$waldtest[["df"]], paste0(call, "$wald.test"))
  emit_test(paste0(path, ".score"), table$sctest[["test"]], table$sctest[["df"]], paste0("summary(", call, ")$sctest"))
  agreement <- concordance(fit)
  emit(paste0(path, ".concordance"), agreement$concordance, sprintf("concordance(%s)$concordance", call))
  emit(paste0(path, ".concordance_se"), sqrt(agreement$var), sprintf("sqrt(concordance(%s)$var)", call))
  emit(paste0(path, ".aic"), AIC(fit), sprintf("AIC(%s)", call))
  emit(paste0(path, ".log_likelihood"), fit$loglik[2], paste0(call, "$loglik[2]"))
  if ("tgrade" %in% terms) {
    grade <- fit$assign$tgrade
    chi_square <- drop(coef(fit)[grade] %*% solve(vcov(fit)[grade, grade], coef(fit)[grade]))
    emit_test(sprintf("%s/rfs.cox.%s.tumour_grade.overall", ties, model), chi_square, length(grade),
              paste0("Wald test of the coefficients of tgrade in ", call))
  }
  for (transform in c("km", "rank", "identity")) {
    test <- cox.zph(fit, transform = transform)$table
    asked <- sprintf("cox.zph(%s, transform = '%s')", call, transform)
    for (term in if (univariable) terms else rownames(test)) {
      name <- if (term == "GLOBAL") "global" else variable_of[[term]]
      place <- if (univariable) paste0(path, ".zph.", transform) else sprintf("%s.zph.%s.%s", path, transform, name)
      emit_test(place, test[term, "chisq"], test[term, "df"], asked)
    }
  }
}

cox_rows <- function(ties, model, right_side) {
  formula <- as.formula(paste("Surv(time, cens) ~", right_side))
  fit <- coxph(formula, data = gbsg2, ties = ties, control = control)
  call <- sprintf("coxph(%s, ties = '%s')", one_line(formula), ties)
  table <- summary(fit)
  for (name in names(coef(fit))) {
    path <- sprintf("%s/rfs.cox.%s.%s", ties, model, terms_of[[name]])
    emit(paste0(path, ".hr"), table$conf.int[name, "exp(coef)"], call)
    emit(paste0(path, ".lower"), table$conf.int[name, "lower .95"], call)
    emit(paste0(path, ".upper"), table$conf.int[name, "upper .95"], call)
    emit(paste0(path, ".p"), table$coefficients[name, "Pr(>|z|)"], call)
  }
  whole_model(fit, call, ties, model)
  if (model == "multivariable") {
    emit(sprintf("%s/rfs.cox.multivariable.n", ties), fit$n, call)
    emit(sprintf("%s/rfs.cox.multivariable.events", ties), fit$nevent, call)
  }
}

for (ties in c("breslow", "efron")) {
  for (column in columns) cox_rows(ties, "univariable", column)
  cox_rows(ties, "multivariable", paste(columns, collapse = " + "))
}
