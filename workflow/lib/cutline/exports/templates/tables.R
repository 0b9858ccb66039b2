# {{title}}
# Data cut-off {{cutoff}}. {{synthetic}}
#
# Reads the CSV files beside it and computes the numbers of the report's tables and figures, with base R and the package
# survival. Run it in this folder:
#
#   Rscript tables.R
#
# It writes tables_from_R.csv: one row per number, named by the key it has in the report (columns key, value; an empty value
# is one that cannot be estimated). Percentages run from 0 to 100, times are in months of {{days_per_month}} days.
#
# Generated from the study's settings. Programs made by this generator are run by its tests for two studies, and every number is
# compared with the report's own; this one was not run when it was written.

suppressPackageStartupMessages(library(survival))

conf_level <- {{conf_level}}
days_per_month <- {{days_per_month}}
median_interval <- "{{median_interval}}"      # spss, or a scale: plain, log, log-log, logit or arcsin
survival_interval <- "{{survival_interval}}"  # a scale
quantile_rule <- "{{quantile_rule}}"  # where S(t) equals the quantile along a step: left_end or midpoint of it
ties <- "{{ties}}"
z <- {{z}}  # standard errors to each side of an interval
mean_as_spss <- {{mean_as_spss}}  # variance of the mean to the largest time times m / (m - 1), if that is one of m events
quantiles <- {{quantiles}}  # by what S(t) is there, besides the median
landmarks <- {{landmarks}}  # months
horizons <- {{horizons}}  # months to which means are restricted
tests <- {{tests}}
tolerance <- 1e-9  # S(t) has come down to 0.5 whatever the last bit of its product says

read_table <- function(file) read.csv(file, na.strings = "", encoding = "UTF-8", stringsAsFactors = FALSE)

results <- list()
tell <- function(key, value) results[[length(results) + 1]] <<- list(key = key, value = as.numeric(value)[1])
percent <- function(count, total) if (total > 0) 100 * count / total else NA
tell_share <- function(path, count, total) {
  tell(paste0(path, ".n"), count)
  tell(paste0(path, ".percent"), percent(count, total))
}

# ---- Baseline characteristics ------------------------------------------------------------------------------------------

tell_missing <- function(path, values) {
  tell(paste0(path, ".missing"), sum(is.na(values)))
  tell(paste0(path, ".missing_percent"), percent(sum(is.na(values)), length(values)))
}

# `codes` are the numbers in the data, their names the levels in the keys.
categorical <- function(path, values, codes) {
  for (level in names(codes)) {
    tell_share(paste0(path, ".", level), sum(values == codes[[level]], na.rm = TRUE), length(values))
  }
  tell_missing(path, values)
}

# Quartiles: weighted average at (n + 1) p, as SPSS (HAVERAGE) and R's type 6.
continuous <- function(path, values) {
  known <- values[!is.na(values)]
  some <- length(known) > 0
  quartiles <- if (some) quantile(known, c(0.25, 0.5, 0.75), type = 6, names = FALSE) else rep(NA, 3)
  tell(paste0(path, ".q1"), quartiles[1])
  tell(paste0(path, ".median"), quartiles[2])
  tell(paste0(path, ".q3"), quartiles[3])
  tell(paste0(path, ".mean"), if (some) mean(known) else NA)
  tell(paste0(path, ".sd"), if (length(known) > 1) sd(known) else NA)
  tell(paste0(path, ".min"), if (some) min(known) else NA)
  tell(paste0(path, ".max"), if (some) max(known) else NA)
  tell_missing(path, values)
}

# How far the groups are apart: the largest of the absolute standardised differences between two of them, unknown values left
# out. `codes` are those of the levels if the variable is a category.
difference <- function(values, groups, codes = NULL) {
  parts <- split(values[!is.na(values)], factor(groups[!is.na(values)], sort(unique(groups))))
  found <- NULL
  for (one in seq_along(parts)) for (other in seq_len(one - 1)) {
    pair <- if (is.null(codes)) apart(parts[[one]], parts[[other]]) else apart_in_shares(parts[[one]], parts[[other]], codes)
    found <- c(found, pair)
  }
  if (all(is.na(found))) NA else max(found, na.rm = TRUE)
}

apart <- function(one, other) {
  if (min(length(one), length(other)) < 2) return(NA)
  spread <- sqrt((var(one) + var(other)) / 2)
  if (spread > 0) abs(mean(one) - mean(other)) / spread else NA
}

# Mahalanobis distance of the proportions, all levels but one (Yang and Dalton 2012).
apart_in_shares <- function(one, other, codes) {
  counts <- rbind(table(factor(one, codes)), table(factor(other, codes)))
  counts <- counts[, colSums(counts) > 0, drop = FALSE]
  if (any(rowSums(counts) == 0) || ncol(counts) == 1 || !any(colSums(counts > 0) == 2)) return(NA)
  shares <- (counts / rowSums(counts))[, -1, drop = FALSE]
  covariance <- function(share) diag(share, length(share)) - share %o% share
  gap <- shares[1, ] - shares[2, ]
  sqrt(max(0, sum(gap * solve((covariance(shares[1, ]) + covariance(shares[2, ])) / 2, gap))))
}

# ---- Survival ----------------------------------------------------------------------------------------------------------

# The persons of one endpoint under one set of censoring rules, with their variables: time in days, event TRUE or FALSE.
persons_of <- function(code, rules = "main") {
  rows <- adtte[adtte$PARAMCD == code & adtte$RULESET == rules, c("USUBJID", "AVAL", "CNSR")]
  persons <- merge(rows, adsl, by = "USUBJID")
  persons$event <- persons$CNSR == 0
  persons
}

first_day <- function(times, reached) if (any(reached, na.rm = TRUE)) times[which(reached)[1]] else NA

# Where a curve comes down to p: the left end of the step on which it equals p, or its middle.
falls_to <- function(times, heights, p) {
  start <- first_day(times, heights <= p + tolerance)
  if (is.na(start) || quantile_rule == "left_end") return(start)
  end <- first_day(times, heights < p - tolerance)
  (start + if (is.na(end)) max(times) else end) / 2
}

# The interval that SPSS prints. The standard error of the quantile t is that of S(t), divided by the slope f of the curve
# between u, the last event time with S >= p + 0.05, and l, the first with S <= p - 0.05:
#   f = (S(u) - S(l)) / (l - u);   SE(t) = SE_S(t) / f;   t -/+ z SE(t)
# Symmetric in time, not cut at 0; none where the curve has no u or l, or S is 0 at the quantile.
spss_limits <- function(fit, p) {
  at_event <- fit$n.event > 0
  time <- fit$time[at_event]
  s <- fit$surv[at_event]
  se <- s * fit$std.err[at_event]  # Greenwood: std.err is that of log S
  t <- first_day(time, s <= p + tolerance)
  u <- which(s >= p + 0.05 - tolerance)
  l <- which(s <= p - 0.05 + tolerance)
  if (is.na(t) || length(u) == 0 || length(l) == 0 || s[time == t] <= 0) return(c(NA, NA))
  u <- max(u)
  l <- min(l)
  f <- (s[u] - s[l]) / (time[l] - time[u])
  falls_to(fit$time, fit$surv, p) + c(-1, 1) * z * se[time == t] / f
}

# Brookmeyer and Crowley: the days on which the limits of S(t) come down to p.
crowley_limits <- function(fit, p) {
  inside <- fit$surv > 0 & fit$surv < 1
  known <- function(limit) ifelse(inside, limit, NA)
  c(falls_to(fit$time, known(fit$lower), p), falls_to(fit$time, known(fit$upper), p))
}

fitted_curve <- function(time, event, interval) {
  survfit(Surv(time, event) ~ 1, conf.int = 2 * pnorm(z) - 1, conf.type = if (interval == "spss") "plain" else interval)
}

# A quantile, by what S(t) is there, and its interval, in months.
quantile_and_limits <- function(time, event, p = 0.5) {
  if (length(time) == 0) return(rep(NA, 3))
  fit <- fitted_curve(time, event, median_interval)
  limits <- if (median_interval == "spss") spss_limits(fit, p) else crowley_limits(fit, p)
  c(falls_to(fit$time, fit$surv, p), limits) / days_per_month
}

tell_three <- function(path, found) for (part in 1:3) tell(paste0(path, c("", "_lower", "_upper")[part]), found[part])

# S(t) and its interval at one landmark; unknown beyond the last time if that person was censored.
survival_at <- function(fit, day) {
  if (day > max(fit$time) && min(fit$surv) > 0) return(rep(NA, 3))
  step <- findInterval(day, fit$time)
  if (step == 0 || fit$surv[step] == 1) return(c(1, NA, NA))
  if (fit$surv[step] == 0) return(c(0, NA, NA))
  c(fit$surv[step], fit$lower[step], fit$upper[step])
}

kaplan_meier <- function(path, count_path, time, event, reach = reach_of(time, event)) {
  tell(paste0(count_path, ".n"), length(time))
  tell_events(count_path, event)
  tell_three(paste0(path, ".median"), quantile_and_limits(time, event))
  for (p in quantiles) tell_three(paste0(path, ".quantile.survival_", p), quantile_and_limits(time, event, p))
  for (months in landmarks) {
    found <- rep(NA, 3)
    if (length(time) > 0) found <- survival_at(fitted_curve(time, event, survival_interval), months * days_per_month)
    tell_three(paste0(path, ".survival_", months, "m"), found)
    tell(paste0(path, ".at_risk_", months, "m"), sum(time >= months * days_per_month))
    tell(paste0(path, ".events_", months, "m"), sum(event & time <= months * days_per_month))
  }
  restricted_means(path, time, event, reach)
}

# The area under the curve to a horizon in days, and its standard error.
restricted_mean <- function(time, event, horizon) {
  if (length(time) == 0) return(c(NA, NA))
  if (horizon < min(time)) return(c(horizon, 0))  # nothing has happened yet
  unname(summary(survfit(Surv(time, event) ~ 1), rmean = horizon)$table[c("rmean", "se(rmean)")])
}

# Up to when a curve is known: its largest time, and for ever once it has come down to 0.
reach_of <- function(time, event) if (all(event[time == max(time, -Inf)])) Inf else max(time)

# No mean of a group reaches beyond the time up to which the curves of all are known.
restricted_means <- function(path, time, event, reach) {
  for (months in horizons) {
    horizon <- months * days_per_month
    within <- length(time) > 0 && horizon <= reach
    tell_mean(paste0(path, ".rmst_", months, "m"), if (within) restricted_mean(time, event, horizon) else c(NA, NA))
  }
  found <- if (length(time) > 0) restricted_mean(time, event, max(time)) else c(NA, NA)
  ends_in_event <- any(event & time == max(time, -Inf))
  if (mean_as_spss && ends_in_event && sum(event) > 1) found[2] <- found[2] * sqrt(sum(event) / (sum(event) - 1))
  tell_mean(paste0(path, ".rmst_max"), found)
}

tell_mean <- function(path, found) {
  tell_three(path, (found[1] + c(0, -1, 1) * z * found[2]) / days_per_month)
  tell(paste0(path, "_se"), found[2] / days_per_month)
}

tell_events <- function(path, event) {
  tell(paste0(path, ".events"), sum(event))
  tell(paste0(path, ".events_percent"), percent(sum(event), length(event)))
  tell(paste0(path, ".censored"), sum(!event))
  tell(paste0(path, ".censored_percent"), percent(sum(!event), length(event)))
}

# The levels of one comparison, each for itself; persons whose level is unknown are in none.
kaplan_meier_by <- function(endpoint, persons, variable, values, codes) {
  groups <- lapply(codes, function(code) persons[values %in% code, ])
  shortest <- min(unlist(lapply(groups, function(inside) if (nrow(inside) > 0) max(inside$AVAL))), Inf)
  reach <- min(unlist(lapply(groups, function(inside) reach_of(inside$AVAL, inside$event))), Inf)
  for (level in names(codes)) {
    inside <- groups[[level]]
    path <- paste0(endpoint, ".km.", variable, "=", level)
    kaplan_meier(path, path, inside$AVAL, inside$event, reach)
    if (level == names(codes)[1]) next
    differences(paste0(endpoint, ".rmst.", variable, ".", level), groups[[1]], inside, reach, shortest)
  }
}

# Restricted means of a level less those of the first, to common horizons.
differences <- function(path, first, other, reach, shortest) {
  for (name in c(paste0(horizons, rep("m", length(horizons))), "common")) {
    horizon <- if (name == "common") shortest else as.numeric(sub("m", "", name)) * days_per_month
    found <- c(NA, NA)
    if (nrow(first) > 0 && nrow(other) > 0 && horizon <= reach) {
      two <- cbind(restricted_mean(first$AVAL, first$event, horizon), restricted_mean(other$AVAL, other$event, horizon))
      found <- c(two[1, 2] - two[1, 1], sqrt(sum(two[2, ]^2)))
    }
    tell_mean(paste0(path, ".difference_", name), found)
    tell(paste0(path, ".difference_", name, "_p"), if (found[2] %in% c(NA, 0)) NA else 2 * pnorm(-abs(found[1] / found[2])))
  }
}

# Observed less expected events of each group, weighed at each event time, summed over strata; chi-square, degrees, p.
rank_test <- function(kind, time, event, group, stratum = rep(1, length(time))) {
  levels <- sort(unique(group))
  gap <- rep(0, length(levels))
  expected <- gap
  spread <- matrix(0, length(levels), length(levels))
  for (of in unique(stratum)) {
    before <- 1  # pooled survival just before
    for (day in sort(unique(time[event & stratum == of]))) {
      at_risk <- vapply(levels, function(level) sum(group == level & stratum == of & time >= day), 1)
      died <- vapply(levels, function(level) sum(group == level & stratum == of & time == day & event), 1)
      n <- sum(at_risk)
      d <- sum(died)
      weight <- switch(kind, logrank = 1, gehan_breslow = n, tarone_ware = sqrt(n), fleming_harrington = before)
      gap <- gap + weight * (died - d * at_risk / n)
      expected <- expected + d * at_risk / n
      share <- at_risk / n
      spread <- spread + weight^2 * d * (n - d) / max(n - 1, 1) * (diag(share, length(share)) - share %o% share)
      before <- before * (1 - d / n)
    }
  }
  free <- which(expected > 0)[-1]
  if (length(free) == 0 || any(diag(spread)[free] < tolerance) || qr(spread[free, free])$rank < length(free)) return(rep(NA, 3))
  chi_square <- sum(gap[free] * solve(spread[free, free], gap[free]))
  c(pchisq(chi_square, length(free), lower.tail = FALSE), chi_square, length(free))
}

# Every test of a comparison, then of each pair of more than two levels, adjusted by Holm. `place` follows the test's name.
rank_tests <- function(endpoint, place, persons, values, codes, strata = list()) {
  known <- !is.na(values) & Reduce(`&`, lapply(strata, function(each) !is.na(each)), TRUE)
  stratum <- if (length(strata) > 0) do.call(paste, strata) else rep("", nrow(persons))
  among <- function(kind, who) rank_test(kind, persons$AVAL[who], persons$event[who], values[who], stratum[who])
  for (kind in tests) {
    path <- paste0(endpoint, ".", kind, place)
    found <- among(kind, known)
    for (part in 1:3) tell(paste0(path, c(".p", ".chi_square", ".df")[part]), found[part])
    if (length(codes) < 3) next
    pairs <- combn(names(codes), 2, simplify = FALSE)
    p <- vapply(pairs, function(pair) among(kind, known & values %in% codes[pair])[1], 1)
    adjusted <- p.adjust(p, "holm")
    for (number in seq_along(pairs)) {
      of_pair <- paste0(path, ".pairwise.", paste(pairs[[number]], collapse = "_vs_"))
      tell(paste0(of_pair, ".p"), p[number])
      tell(paste0(of_pair, ".p_holm"), adjusted[number])
    }
  }
}

# Times that nobody is censored for: quartiles and range.
described_times <- function(endpoint, persons) {
  tell(paste0(endpoint, ".n"), nrow(persons))
  found <- rep(NA, 5)
  if (nrow(persons) > 0) found <- quantile(persons$AVAL, 0:4 / 4, type = 6, names = FALSE) / days_per_month
  for (part in 1:5) tell(paste0(endpoint, ".times.", c("min", "q1", "median", "q3", "max")[part]), found[part])
}

# Follow-up: being censored is the event, and the event censors.
reverse_kaplan_meier <- function(persons, place = "") {
  estimate <- quantile_and_limits(persons$AVAL, !persons$event)
  for (part in 1:3) tell(paste0("followup.reverse_km", place, c(".median", ".lower", ".upper")[part]), estimate[part])
}

reverse_kaplan_meier_by <- function(persons, variable, values, codes) {
  for (level in names(codes)) reverse_kaplan_meier(persons[values %in% codes[[level]], ], paste0(".", variable, "=", level))
}

# ---- Cox models --------------------------------------------------------------------------------------------------------

# A variable of a model: its column, the codes of its levels (none if it is continuous), and the reference level.
variable <- function(id, column, codes = NULL, reference = "") {
  list(id = id, column = column, codes = codes, reference = reference)
}

# Persons who have every variable of the model; a level that nobody of them has makes no row.
cox <- function(path, persons, variables, strata = character(), univariable = FALSE) {
  columns <- c(vapply(variables, function(each) each$column, ""), strata)
  complete <- persons[complete.cases(persons[columns]), ]
  top <- if (univariable) paste0(path, ".", variables[[1]]$id) else path
  tell(paste0(top, ".n"), nrow(complete))
  tell(paste0(top, ".events"), sum(complete$event))
  tell(paste0(top, ".excluded"), nrow(persons) - nrow(complete))
  terms <- do.call(rbind, lapply(variables, terms_of, persons = complete))
  model <- fitted_model(complete, variables, terms, strata)
  estimates <- cox_estimates(model, terms)
  for (row in seq_len(nrow(terms))) tell_term(path, terms[row, ], estimates[row, ])
  for (each in variables) tell_overall(path, each$id, model, terms, estimates)
  tell_model(top, model)
  model
}

# One row per level, or per continuous variable, with its persons and events.
terms_of <- function(variable, persons) {
  if (is.null(variable$codes)) {
    return(data.frame(id = variable$id, level = "", column = variable$column, code = NA, reference = FALSE,
                      n = nrow(persons), events = sum(persons$event)))
  }
  at <- lapply(variable$codes, function(code) persons[persons[[variable$column]] == code, ])
  levels <- names(variable$codes)
  terms <- data.frame(id = variable$id, level = levels, column = variable$column, code = unname(variable$codes),
                      reference = levels == variable$reference, n = vapply(at, nrow, 1L),
                      events = vapply(at, function(inside) sum(inside$event), 1L))
  terms[terms$n > 0 | terms$reference, ]
}

# The fit, with the columns of its design; NULL where nothing can be fitted.
fitted_model <- function(persons, variables, terms, strata) {
  design <- do.call(cbind, lapply(variables, design_of, persons = persons, terms = terms))
  if (is.null(design) || sum(persons$event) == 0) return(NULL)
  groups <- if (length(strata) > 0) interaction(persons[strata], drop = TRUE) else rep(1, nrow(persons))
  control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
  formula <- Surv(persons$AVAL, persons$event) ~ design + strata(groups)
  if (length(strata) == 0) formula <- update(formula, . ~ . - strata(groups))
  fit <- suppressWarnings(coxph(formula, ties = ties, control = control))
  list(fit = fit, design = design, persons = persons, groups = groups, stratified = length(strata) > 0)
}

# Coefficient and standard error of each term; NA where there is none: the reference, a level without events (its hazard
# ratio tends to 0), a reference without events, a coefficient that grows without limit.
cox_estimates <- function(model, terms) {
  estimates <- data.frame(coefficient = rep(NA_real_, nrow(terms)), error = rep(NA_real_, nrow(terms)))
  if (is.null(model)) return(estimates)
  errors <- sqrt(diag(vcov(model$fit)))
  lost <- lost_terms(model)
  place <- match(paste(terms$id, terms$level), colnames(model$design))
  without <- terms$id[terms$reference & terms$events == 0]
  usable <- !is.na(place) & !lost[place] & !(terms$id %in% without) & terms$events > 0
  estimates$coefficient[usable] <- coef(model$fit)[place[usable]]
  estimates$error[usable] <- errors[place[usable]]
  estimates
}

# Which columns have no estimate: those that others determine, and those on the way to infinity (an error of 0: no information
# is left).
lost_terms <- function(model) {
  errors <- sqrt(diag(vcov(model$fit)))
  spread <- apply(model$design, 2, function(column) sqrt(mean((column - mean(column))^2)))
  is.na(coef(model$fit)) | determined(model$design) | errors == 0 | errors * spread > 50
}

determined <- function(design) {
  if (ncol(design) == 1) return(FALSE)
  whole <- qr(scale(design))$rank
  vapply(seq_len(ncol(design)), function(one) qr(scale(design[, -one, drop = FALSE]))$rank == whole, TRUE)
}

tell_test <- function(path, chi_square, df) {
  if (is.na(chi_square) || df == 0) chi_square <- df <- NA
  tell(paste0(path, ".chi_square"), chi_square)
  tell(paste0(path, ".df"), df)
  tell(paste0(path, ".p"), pchisq(chi_square, df, lower.tail = FALSE))
}

wald <- function(model, places) {
  drop(coef(model$fit)[places] %*% solve(vcov(model$fit)[places, places], coef(model$fit)[places]))
}

# All levels of a category with more than two together.
tell_overall <- function(path, id, model, terms, estimates) {
  own <- terms$id == id
  if (sum(own) < 3) return(NULL)
  places <- match(paste(id, terms$level[own & !terms$reference]), colnames(model$design))
  lost <- is.null(model) || anyNA(estimates$coefficient[own & !terms$reference])
  tell_test(paste0(path, ".", id, ".overall"), if (lost) NA else wald(model, places), length(places))
}

# Tests and measures of the whole model.
tell_model <- function(path, model) {
  found <- rep(NA, 8)
  if (!is.null(model)) {
    fit <- model$fit
    df <- sum(!is.na(coef(fit)))
    lost <- any(lost_terms(model))
    agreement <- concordance(fit)
    found <- c(2 * diff(fit$loglik), if (lost) NA else wald(model, seq_along(coef(fit))), fit$score, df,
               agreement$concordance, sqrt(agreement$var), 2 * df - 2 * fit$loglik[2], fit$loglik[2])
  }
  tell_test(paste0(path, ".likelihood_ratio"), found[1], found[4])
  tell_test(paste0(path, ".wald"), found[2], found[4])
  tell_test(paste0(path, ".score"), found[3], found[4])
  names <- c(".concordance", ".concordance_se", ".aic", ".log_likelihood")
  for (part in 1:4) tell(paste0(path, names[part]), found[4 + part])
}

# Grambsch and Therneau's score test of proportional hazards, of each variable and of all together.
proportional_hazards <- function(path, model, variables, univariable) {
  ids <- vapply(variables, function(each) each$id, "")
  for (transform in c("km", "rank", "identity")) {
    tests <- if (is.null(model)) NULL else zph_of(model, ids, transform)
    for (id in if (univariable) ids else c(ids, "global")) {
      place <- if (univariable) paste0(path, ".", id, ".zph.", transform) else paste0(path, ".zph.", transform, ".", id)
      found <- if (id %in% rownames(tests)) tests[id, c("chisq", "df")] else c(NA, NA)
      tell_test(place, found[1], found[2])
    }
  }
}

# cox.zph of the same model with one matrix per variable, so that its columns are tested together; those on the way to
# infinity stay where they are.
zph_of <- function(model, ids, transform) {
  owners <- sub(" .*", "", colnames(model$design))
  lost <- lost_terms(model)
  if (all(lost)) return(NULL)
  parts <- lapply(ids, function(id) model$design[, owners == id & !lost, drop = FALSE])
  names(parts) <- paste0("part", seq_along(ids))
  parts <- parts[vapply(parts, ncol, 1L) > 0]
  data <- c(list(AVAL = model$persons$AVAL, event = model$persons$event, groups = model$groups), parts)
  held <- ifelse(lost & !is.na(coef(model$fit)), coef(model$fit), 0)
  data$held <- drop(model$design %*% held)
  right <- paste(c(names(parts), "offset(held)", if (model$stratified) "strata(groups)"), collapse = " + ")
  control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
  fit <- suppressWarnings(coxph(as.formula(paste("Surv(AVAL, event) ~", right)), data, ties = ties, control = control))
  table <- tryCatch(cox.zph(fit, transform = transform)$table, error = function(problem) NULL)
  if (is.null(table)) return(NULL)
  rownames(table) <- c(ids[as.integer(sub("part", "", names(parts)))], "global")
  table
}

# An indicator for each level but the reference, or the numbers themselves; if the reference has no events the first level
# with some stands in, for the sake of the other variables.
design_of <- function(variable, persons, terms) {
  values <- persons[[variable$column]]
  if (is.null(variable$codes)) {
    if (length(unique(values)) < 2) return(NULL)
    return(matrix(values, dimnames = list(NULL, paste(variable$id, ""))))
  }
  own <- terms[terms$id == variable$id & terms$n > 0, ]
  with_events <- own[own$events > 0, ]
  compared_with <- if (any(with_events$reference)) own$code[own$reference] else with_events$code[1]
  own <- own[!own$code %in% compared_with, ]
  if (nrow(own) == 0) return(NULL)
  columns <- vapply(own$code, function(code) as.numeric(values == code), numeric(length(values)))
  matrix(columns, ncol = nrow(own), dimnames = list(NULL, paste(own$id, own$level)))
}

tell_term <- function(path, term, estimate) {
  path <- paste0(path, ".", term$id, if (term$level == "") "" else paste0(".", term$level))
  tell(paste0(path, ".n"), term$n)
  tell(paste0(path, ".events"), term$events)
  if (term$reference) return(tell(paste0(path, ".hr"), 1))
  half_width <- z * estimate$error
  tell(paste0(path, ".hr"), exp(estimate$coefficient))
  tell(paste0(path, ".lower"), exp(estimate$coefficient - half_width))
  tell(paste0(path, ".upper"), exp(estimate$coefficient + half_width))
  tell(paste0(path, ".p"), 2 * pnorm(-abs(estimate$coefficient / estimate$error)))
}

cox_models <- function(endpoint, persons, variables, strata) {
  for (each in variables) {
    path <- paste0(endpoint, ".cox.univariable")
    proportional_hazards(path, cox(path, persons, list(each), strata, univariable = TRUE), list(each), TRUE)
  }
  path <- paste0(endpoint, ".cox.multivariable")
  proportional_hazards(path, cox(path, persons, variables, strata), variables, FALSE)
}

# ---- Response -------------------------------------------------------------------------------------------------------------

# The response of one parameter, in the order of the persons.
best_of <- function(parameter) {
  rows <- adrs[adrs$PARAMCD == parameter, ]
  rows$AVALC[match(adsl$USUBJID, rows$USUBJID)]
}

# A rate of the persons `among`, and of those of them whose response can be evaluated.
rates <- function(path, holds, among) {
  rate(path, sum(holds & among), sum(among))
  rate(paste0(path, ".evaluable"), sum(holds & evaluable & among), sum(evaluable & among))
}

# A rate of a group against that of another one.
compare_rates <- function(path, holds, group, other) {
  difference_of_risks(path, c(sum(holds & group), sum(holds & other)), c(sum(group), sum(other)))
}

# Intervals: exact (Clopper and Pearson), and Wilson's.
rate <- function(path, count, total) {
  tell_share(path, count, total)
  exact <- if (total > 0) 100 * binom.test(count, total, conf.level = conf_level)$conf.int else c(NA, NA)
  tell(paste0(path, ".lower"), exact[1])
  tell(paste0(path, ".upper"), exact[2])
  z <- qnorm((1 + conf_level) / 2)
  share <- count / total
  half_width <- z * sqrt(share * (1 - share) / total + z^2 / (4 * total^2))
  wilson <- 100 * (share + z^2 / (2 * total) + c(-1, 1) * half_width) / (1 + z^2 / total)
  tell(paste0(path, ".wilson_lower"), wilson[1])
  tell(paste0(path, ".wilson_upper"), wilson[2])
}

# ---- Adverse events ----------------------------------------------------------------------------------------------------

persons_with <- function(events, holds = rep(TRUE, nrow(events))) unique(events$USUBJID[holds])

# Persons with an event for which something holds; none where it is open for a person: not recorded of an event of hers,
# and holding of none.
decided <- function(events, holds, open) {
  having <- persons_with(events, holds)
  if (length(setdiff(persons_with(events, open), having)) > 0) NA else length(having)
}
high_grades <- function(events) decided(events, events$ATOXGRN %in% 3:5, is.na(events$ATOXGRN))
unsaid <- function(values) is.na(values) | values == "unknown"

# `path` is where any event of the kind is counted, `below` where its aspects are.
tell_kind <- function(path, below, events, members) {
  total <- nrow(members)
  tell_share(path, length(persons_with(events)), total)
  tell_share(paste0(below, ".grade_3_or_higher"), high_grades(events), total)
  tell_share(paste0(below, ".related"), decided(events, events$AEREL %in% "related", unsaid(events$AEREL)), total)
  for (action in c("dose_reduced", "interrupted", "discontinued")) {
    tell_share(paste0(below, ".", action), decided(events, events$AEACN %in% action, unsaid(events$AEACN)), total)
  }
  fatal <- events$AEOUT %in% "fatal" | events$ATOXGRN %in% 5
  tell_share(paste0(below, ".fatal"), decided(events, fatal, unsaid(events$AEOUT) & is.na(events$ATOXGRN)), total)
  tell_grades(paste0(below, ".grade"), events, total)
  tell_rates(path, events, members[members$SAFFL %in% "Y", ])
}

# Persons by their worst grade: one that is not recorded stands between 2 and 3.
tell_grades <- function(path, events, total) {
  worst <- tapply(ifelse(is.na(events$ATOXGRN), 2.5, events$ATOXGRN), events$USUBJID, max)
  nothing <- length(worst) > 0 && all(worst == 2.5)
  for (grade in 1:5) tell_share(paste0(path, ".", grade), if (nothing) NA else sum(worst == grade), total)
  tell_share(paste0(path, ".not_recorded"), sum(worst == 2.5), total)
}

# Patient-years to the first event with the exact Poisson interval of the incidence, and the rate of all events.
tell_rates <- function(path, events, treated) {
  first <- tapply(events$ASTDY, events$USUBJID, min)
  days <- pmin(treated$SAFDAYS, first[as.character(treated$USUBJID)], na.rm = TRUE)
  years <- sum(days) / 365.25
  all_years <- sum(treated$SAFDAYS) / 365.25
  count <- length(persons_with(events))
  test <- if (years > 0) poisson.test(count, years, conf.level = conf_level)
  tell(paste0(path, ".patient_years"), years)
  tell(paste0(path, ".per_100_patient_years"), if (years > 0) 100 * count / years else NA)
  tell(paste0(path, ".per_100_patient_years_lower"), if (years > 0) 100 * test$conf.int[1] else NA)
  tell(paste0(path, ".per_100_patient_years_upper"), if (years > 0) 100 * test$conf.int[2] else NA)
  tell(paste0(path, ".events"), nrow(events))
  tell(paste0(path, ".events_per_100_patient_years"), if (all_years > 0) 100 * nrow(events) / all_years else NA)
}

# Everything about the persons of a group.
adverse_events <- function(path, members) {
  events <- adae[adae$USUBJID %in% members$USUBJID, ]
  treated <- members[members$SAFFL %in% "Y", ]
  tell_share(paste0(path, ".none"), nrow(members) - length(persons_with(events)), nrow(members))
  tell_share(paste0(path, ".grade_3_or_4"), decided(events, events$ATOXGRN %in% 3:4, is.na(events$ATOXGRN)), nrow(members))
  tell(paste0(path, ".treatment_related_deaths.n"), related_deaths(members, events))
  tell(paste0(path, ".exposure.n"), nrow(treated))
  tell(paste0(path, ".exposure.patient_years"), sum(treated$SAFDAYS) / 365.25)
  tell_kind(paste0(path, ".any"), path, events, members)
  for (kind in kinds()) {
    place <- paste0(path, ".", kind)
    tell_kind(place, place, of_kind(events, kind), members)
  }
}

kinds <- function() c(paste0("term.", terms), if (nrow(adae) > 0) paste0("soc.", unique(adae$AESOCID)))
of_kind <- function(events, kind) {
  events[if (startsWith(kind, "term.")) events$AETRMID == sub("term.", "", kind, fixed = TRUE)
         else events$AESOCID == sub("soc.", "", kind, fixed = TRUE), ]
}

# The same of each group, and every group against the reference.
adverse_events_by <- function(variable, values, codes, reference) {
  tell(paste0("safety.", variable, ".missing"), sum(!values %in% codes))
  groups <- lapply(codes, function(code) adsl[values %in% code, ])
  for (level in names(codes)) adverse_events(paste0("safety.", variable, "=", level), groups[[level]])
  for (level in setdiff(names(codes), reference)) {
    path <- paste0("safety.", variable, ".", level)
    compare_events(paste0(path, ".any"), path, adae, groups[[level]], groups[[reference]])
    for (kind in kinds()) {
      place <- paste0(path, ".", kind)
      compare_events(place, place, of_kind(adae, kind), groups[[level]], groups[[reference]])
    }
  }
}

compare_events <- function(path, below, events, group, reference) {
  theirs <- function(members) events[events$USUBJID %in% members$USUBJID, ]
  sizes <- c(nrow(group), nrow(reference))
  difference_of_risks(path, c(length(persons_with(theirs(group))), length(persons_with(theirs(reference)))), sizes)
  difference_of_risks(paste0(below, ".grade_3_or_higher"), c(high_grades(theirs(group)), high_grades(theirs(reference))), sizes)
}

# Newcombe's hybrid score interval, from Wilson's intervals of both, and Fisher's exact test.
difference_of_risks <- function(path, counts, sizes) {
  found <- rep(NA, 4)
  if (!anyNA(counts) && all(sizes > 0)) {
    wilson <- function(place) suppressWarnings(prop.test(counts[place], sizes[place], conf.level = conf_level, correct = FALSE))
    share <- counts / sizes
    one <- wilson(1)$conf.int
    other <- wilson(2)$conf.int
    apart <- share[1] - share[2]
    found <- c(apart, apart - sqrt((share[1] - one[1])^2 + (other[2] - share[2])^2),
               apart + sqrt((one[2] - share[1])^2 + (share[2] - other[1])^2))
    found <- c(100 * found, fisher.test(cbind(counts, sizes - counts))$p.value)
  }
  tell(paste0(path, ".risk_difference"), found[1])
  tell(paste0(path, ".risk_difference_lower"), found[2])
  tell(paste0(path, ".risk_difference_upper"), found[3])
  tell(paste0(path, ".fisher.p"), found[4])
}

# Deaths recorded as related to the treatment, in the death record or as a fatal related event; no number where that is open
# for a death.
related_deaths <- function(persons, events) {
  if (is.null(persons$DTHFL)) return(NA)
  dead <- persons[persons$DTHFL %in% "Y", ]
  fatal <- events[events$AEOUT %in% "fatal" | events$ATOXGRN %in% 5, ]
  related <- union(dead$USUBJID[dead$DTHREL %in% "yes"], fatal$USUBJID[fatal$AEREL %in% "related"])
  open <- union(dead$USUBJID[!dead$DTHREL %in% c("yes", "no")],
                fatal$USUBJID[!fatal$AEREL %in% c("related", "not_related")])
  open <- setdiff(open, union(related, dead$USUBJID[dead$DTHREL %in% "no"]))
  if (length(open) > 0) NA else length(related)
}

# ---- The study ---------------------------------------------------------------------------------------------------------

adsl <- read_table("adsl.csv")
adtte <- read_table("adtte.csv")
tell("flow.included", nrow(adsl))

{{analyses}}

# ---- The results -------------------------------------------------------------------------------------------------------

table <- do.call(rbind, lapply(results, as.data.frame, stringsAsFactors = FALSE))
table <- table[!duplicated(table$key), ]
table$value <- ifelse(is.na(table$value), "", sprintf("%.17g", table$value))
write.csv(table, "tables_from_R.csv", row.names = FALSE, quote = FALSE)
cat(nrow(table), "numbers are in tables_from_R.csv\n")
