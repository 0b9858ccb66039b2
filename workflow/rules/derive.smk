# Clinical facts as data, each with the record behind it.


if "lines" in STUDY:

    checkpoint derive_lines:
        input:
            unpack(accepted("derive_lines")),
        output:
            lines=f"{CUT}/patient/lines.parquet",
            queries=f"{CUT}/patient/queries/derive_lines.parquet",
        log:
            f"{LOGS}/derive_lines.log",
        conda:
            "../../envs/cutline.yaml"
        threads: 2
        params:
            code=code_of("derive_lines"),
            settings=settings_for("derive_lines"),
        message:
            "Deriving lines of therapy"
        script:
            "../scripts/derive_lines.py"


checkpoint derive_covariates:
    input:
        unpack(accepted("derive_covariates")),
        **{f"codelist_{name}": path for name, path in STUDY.get("codelists", {}).items()},
    output:
        covariates=f"{CUT}/patient/covariates.parquet",
        queries=f"{CUT}/patient/queries/derive_covariates.parquet",
    log:
        f"{LOGS}/derive_covariates.log",
    conda:
        "../../envs/cutline.yaml"
    threads: 2
    params:
        code=code_of("derive_covariates"),
        settings=settings_for("derive_covariates"),
    message:
        "Deriving the variables of every screened person"
    script:
        "../scripts/derive_covariates.py"


checkpoint select_cohort:
    input:
        unpack(accepted("select_cohort")),
        covariates=output_of("derive_covariates", "covariates"),
    output:
        cohort=f"{CUT}/patient/cohort.parquet",
        ledger=f"{CUT}/patient/ledger.parquet",
        eligibility=f"{CUT}/patient/eligibility.parquet",
        attrition=f"{CUT}/aggregate/attrition.csv",
        what_if=f"{CUT}/patient/what_if.parquet",
        queries=f"{CUT}/patient/queries/select_cohort.parquet",
    log:
        f"{LOGS}/select_cohort.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("select_cohort"),
        settings=settings_for("select_cohort"),
    message:
        "Applying the eligibility criteria in order"
    script:
        "../scripts/select_cohort.py"


if "response" in STUDY:

    checkpoint derive_response:
        input:
            unpack(accepted("derive_response")),
            cohort=output_of("select_cohort", "cohort"),
            covariates=output_of("derive_covariates", "covariates"),
        output:
            visits=f"{CUT}/patient/visits.parquet",
            response=f"{CUT}/patient/response.parquet",
            queries=f"{CUT}/patient/queries/derive_response.parquet",
        log:
            f"{LOGS}/derive_response.log",
        conda:
            "../../envs/cutline.yaml"
        threads: 2
        params:
            code=code_of("derive_response"),
            settings=settings_for("derive_response"),
        message:
            "Deriving the response of each assessment, and the best"
        script:
            "../scripts/derive_response.py"


checkpoint derive_endpoints:
    input:
        unpack(accepted("derive_endpoints")),
        **({"response": output_of("derive_response", "response")} if "response" in STUDY else {}),
        cohort=output_of("select_cohort", "cohort"),
        what_if=output_of("select_cohort", "what_if"),
    output:
        endpoints=f"{CUT}/patient/endpoints.parquet",
        what_if_endpoints=f"{CUT}/patient/what_if_endpoints.parquet",
        scan_intervals=f"{CUT}/patient/scan_intervals.parquet",
    log:
        f"{LOGS}/derive_endpoints.log",
    conda:
        "../../envs/cutline.yaml"
    threads: 2
    params:
        code=code_of("derive_endpoints"),
        settings=settings_for("derive_endpoints"),
    message:
        "Deriving times to event"
    script:
        "../scripts/derive_endpoints.py"


if "safety" in STUDY:

    checkpoint derive_safety:
        input:
            unpack(accepted("derive_safety")),
            cohort=output_of("select_cohort", "cohort"),
            codelist=STUDY["codelists"][STUDY["safety"]["codelist"]],
        output:
            safety=f"{CUT}/patient/safety.parquet",
            exposure=f"{CUT}/patient/exposure.parquet",
            queries=f"{CUT}/patient/queries/derive_safety.parquet",
        log:
            f"{LOGS}/derive_safety.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("derive_safety"),
            settings=settings_for("derive_safety"),
        message:
            "Finding the adverse events under treatment"
        script:
            "../scripts/derive_safety.py"


if "response" in STUDY:

    rule draw_patients:
        input:
            unpack(accepted("draw_patients")),
            cohort=output_of("select_cohort", "cohort"),
            response=output_of("derive_response", "response"),
            visits=output_of("derive_response", "visits"),
        output:
            **patient_figures(),
        log:
            f"{LOGS}/draw_patients.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("draw_patients"),
            settings=settings_for("draw_patients"),
        message:
            "Drawing the figures with a mark per person, which stay at patient level"
        script:
            "../scripts/draw_patients.py"
