/// How a participant's session ends.
public enum Outcome: String, Sendable, CaseIterable, Codable {
  /// All steps were completed.
  case completed
  /// The headphone check was failed, in a study that requires it.
  case screenedOut = "screened_out"
  /// The study has as many listeners as it needs.
  case quotaFull = "quota_full"
  /// The participant declined consent.
  case noConsent = "no_consent"
  /// The participant chose to stop before the end.
  case withdrawn
  /// The design was changed during the session.
  case studyChanged = "study_changed"
}
