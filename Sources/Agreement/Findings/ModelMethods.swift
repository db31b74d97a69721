import Reporting

extension Methods {
  /// The models that were fitted, in words; nil if there are none.
  var models: Prose? {
    guard let table = findings["mixed_models"], !table.rows.isEmpty else { return nil }
    func systems(_ wanted: [String: String]) -> [String] {
      table.rows(where: wanted).map { table.text($0, "system") }.reduce(into: []) {
        if !$0.contains($1) { $0.append($1) }
      }
    }
    var text: Prose = ""
    let ranked = systems(["predictor": "rank"])
    let predictor: Prose =
      ranked.isEmpty
      ? "Distance is standardised over each system's ratings."
      : "Distance is standardised over each system's ratings; where a system does not give distances for all candidates it ranks (\(ranked.joined(separator: ", "))), its ranks are used instead."
    let linear = table.rows(where: ["model": "linear"]),
      sloped = linear.filter { table.number($0, "sd_query_slope") != nil }
    let kept: Prose =
      sloped.count == linear.count
      ? "random slopes for queries lowered the AIC of all models and were kept;"
      : sloped.isEmpty
        ? "random slopes for queries did not lower the AIC of any model and were replaced by (1 | query);"
        : "random slopes for queries lowered the AIC of \(sloped.count) of these \(linear.count) models and were kept there; in the others they were replaced by (1 | query);"
    if !linear.isEmpty {
      text =
        "Linear mixed models, rating ~ distance + (1 + distance | participant) + (1 + distance | query), were fitted to single ratings for each system by restricted maximum likelihood, as in lme4 (Bates et al. 2015); \(kept) a query under another condition counts as another query. \(predictor) Intervals and p-values of slopes use t with Satterthwaite's degrees of freedom, as in lmerTest (Kuznetsova et al. 2017), and are not corrected for the number of models; χ² is that of the likelihood-ratio test against the model without the fixed effect of distance, both fitted by maximum likelihood, as are AIC and BIC. Marginal and conditional R² follow Nakagawa & Schielzeth (2013) and, with random slopes, Johnson (2014). Where queries have random intercepts only, these intervals and p-values generalise to other listeners, but not to other queries; those of agreement generalise to both."
    }
    if table.rows.indices.contains(where: { table.number($0, "sd_candidate") != nil }) {
      text =
        text
        + " Where candidates recur from query to query, (1 | candidate) and (1 | query:candidate) are added to the random terms of linear models."
    }
    if MixedModels(sample: sample).ordinalIsLeftOff {
      text =
        text
        + " The scale has few points, but the plan does not ask for a cumulative-link model, as models: {ordinal: always} would."
    }
    if !table.rows(where: ["model": "cumulative_link"]).isEmpty {
      let rule: Prose =
        findings.plan.ordinalModels == .always
        ? "as the plan says" : "because the ratings have at most \(MixedModels.mostSteps) different values"
      text =
        text
        + " Cumulative-link mixed models, with logit link, flexible thresholds and random terms for listeners and queries chosen in the same way, were fitted by Laplace's approximation (Christensen 2019), \(rule); their slopes are log odds of a higher rating per standard deviation\(table.rows(where: ["model": "linear"]).isEmpty ? ". " + predictor.text : ".")"
    }
    return text
  }

  var modelCitations: [String] {
    guard let table = findings["mixed_models"] else { return [] }
    var citations: [String] = []
    if !table.rows(where: ["model": "linear"]).isEmpty {
      citations = [
        "Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4. Journal of Statistical Software 67(1).",
        "Kuznetsova, A., Brockhoff, P. B. & Christensen, R. H. B. (2017). lmerTest package: tests in linear mixed effects models. Journal of Statistical Software 82(13).",
        "Nakagawa, S. & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized linear mixed-effects models. Methods in Ecology and Evolution 4.",
        "Matuschek, H. et al. (2017). Balancing Type I error and power in linear mixed models. Journal of Memory and Language 94.",
        "Johnson, P. C. D. (2014). Extension of Nakagawa & Schielzeth's R²GLMM to random slopes models. Methods in Ecology and Evolution 5.",
      ]
    }
    if !table.rows(where: ["model": "cumulative_link"]).isEmpty {
      citations.append("Christensen, R. H. B. (2019). ordinal: regression models for ordinal data. R package.")
    }
    return citations
  }
}
