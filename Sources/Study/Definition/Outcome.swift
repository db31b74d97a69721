/// How somebody's part in a study comes to an end.
public enum Outcome: String, Sendable, CaseIterable, Codable {
  /// All steps are done.
  case completed
  /// The headphone check was not passed, in a study that requires it.
  case screenedOut = "screened_out"
  /// The study has all the listeners that it wants.
  case quotaFull = "quota_full"
  /// Who came did not want to take part.
  case noConsent = "no_consent"
  /// Who took part stopped before the end, and said so.
  case withdrawn
  /// The design was changed while the session was under way.
  case studyChanged = "study_changed"
}
