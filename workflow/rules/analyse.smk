# Patients → analysis results data (ARD): one row per statistic. Nothing below reads a patient.


rule summarise_quality:
    input:
        unpack(questions),
        unpack(all_records),
        accounting=output_of("check_records", "accounting"),
        quarantine=output_of("check_records", "quarantine"),
        corrections=output_of("check_records", "corrections"),
        cohort=output_of("select_cohort", "cohort"),
        ranges=STUDY["quality"]["ranges"],
        codes=STUDY["quality"]["codes"],
    output:
        ard=f"{CUT}/aggregate/ard/summarise_quality.csv",
        findings=f"{CUT}/patient/findings.parquet",
        queries=f"{CUT}/patient/queries.csv",
        workbook=f"{CUT}/patient/queries.xlsx",
    log:
        f"{LOGS}/summarise_quality.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("summarise_quality"),
        settings=settings_for("summarise_quality"),
    message:
        "Judging the records, and listing what is to be asked"
    script:
        "../scripts/summarise_quality.py"


rule summarise_baseline:
    input:
        cohort=output_of("select_cohort", "cohort"),
        attrition=output_of("select_cohort", "attrition"),
        ledger=output_of("select_cohort", "ledger"),
        covariates=output_of("derive_covariates", "covariates"),
    output:
        ard=f"{CUT}/aggregate/ard/summarise_baseline.csv",
    log:
        f"{LOGS}/summarise_baseline.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("summarise_baseline"),
        settings=settings_for("summarise_baseline"),
    message:
        "Summarising flow and baseline characteristics"
    script:
        "../scripts/summarise_baseline.py"


rule estimate_survival:
    input:
        endpoints=output_of("derive_endpoints", "endpoints"),
        covariates=output_of("derive_covariates", "covariates"),
    output:
        **{f"curves_{endpoint}": f"{CUT}/aggregate/curves/{endpoint}.csv" for endpoint in CURVES},
        ard=f"{CUT}/aggregate/ard/estimate_survival.csv",
    log:
        f"{LOGS}/estimate_survival.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("estimate_survival"),
        settings=settings_for("estimate_survival"),
    message:
        "Estimating survival (Kaplan-Meier)"
    script:
        "../scripts/estimate_survival.py"


rule fit_cox:
    input:
        endpoints=output_of("derive_endpoints", "endpoints"),
        covariates=output_of("derive_covariates", "covariates"),
    output:
        ard=f"{CUT}/aggregate/ard/fit_cox.csv",
        schoenfeld=f"{CUT}/aggregate/schoenfeld.csv",
    log:
        f"{LOGS}/fit_cox.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("fit_cox"),
        settings=settings_for("fit_cox"),
    message:
        "Fitting Cox models"
    script:
        "../scripts/fit_cox.py"


if "estimate_sensitivity" in PARTS:

    rule estimate_sensitivity:
        input:
            cohort=output_of("select_cohort", "cohort"),
            what_if=output_of("select_cohort", "what_if"),
            covariates=output_of("derive_covariates", "covariates"),
            endpoints=output_of("derive_endpoints", "endpoints"),
            what_if_endpoints=output_of("derive_endpoints", "what_if_endpoints"),
            scan_intervals=output_of("derive_endpoints", "scan_intervals"),
        output:
            ard=f"{CUT}/aggregate/ard/estimate_sensitivity.csv",
        log:
            f"{LOGS}/estimate_sensitivity.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("estimate_sensitivity"),
            settings=settings_for("estimate_sensitivity"),
        message:
            "Estimating the main results under other conventions and criteria"
        script:
            "../scripts/estimate_sensitivity.py"


if "response" in STUDY:

    rule summarise_response:
        input:
            **({"covariates": output_of("derive_covariates", "covariates")} if "by" in STUDY["response"] else {}),
            cohort=output_of("select_cohort", "cohort"),
            response=output_of("derive_response", "response"),
        output:
            ard=f"{CUT}/aggregate/ard/summarise_response.csv",
        log:
            f"{LOGS}/summarise_response.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("summarise_response"),
            settings=settings_for("summarise_response"),
        message:
            "Summarising response"
        script:
            "../scripts/summarise_response.py"


if "safety" in STUDY:

    rule summarise_safety:
        input:
            unpack(accepted("summarise_safety")),
            **({"covariates": output_of("derive_covariates", "covariates")} if "by" in STUDY["safety"] else {}),
            cohort=output_of("select_cohort", "cohort"),
            safety=output_of("derive_safety", "safety"),
            exposure=output_of("derive_safety", "exposure"),
        output:
            ard=f"{CUT}/aggregate/ard/summarise_safety.csv",
        log:
            f"{LOGS}/summarise_safety.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("summarise_safety"),
            settings=settings_for("summarise_safety"),
        message:
            "Summarising adverse events"
        script:
            "../scripts/summarise_safety.py"


checkpoint release_results:
    input:
        **analysed(),
        **published_values(),
    output:
        **concordance_file(),
        **{f"released_{rule}": f"{CUT}/aggregate/released/ard/{rule}.csv" for rule in PARTS},
        **{f"released_curves_{name}": f"{CUT}/aggregate/released/curves/{name}.csv" for name in CURVES},
        **{f"released_{name}": f"{CUT}/aggregate/released/{name}.csv" for name in SMOOTHS},
        ard=shown(f"{CUT}/aggregate/ard.csv", "Results", content="Every statistic with its key"),
    log:
        f"{LOGS}/release_results.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("release_results"),
        settings=settings_for("release_results"),
    message:
        "Releasing the results that the profile {STUDY[report][profile]} allows"
    script:
        "../scripts/release_results.py"
