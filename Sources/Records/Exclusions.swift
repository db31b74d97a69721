extension Records {
  /// Leaves a session out of analyses, or takes it in again. Each act is kept with its reason; nothing is deleted. One that
  /// is left out fills no place of the study.
  /// - Parameters:
  ///   - reason: one line, at most `longestReason` characters; of taking in again it may be empty.
  ///   - who: the name of the one who decides; empty for whoever has the study's secret.
  ///   - then: `RecordsError.gone` where there is no such session.
  public func exclude(
    session: Int, _ isExcluded: Bool, reason: String, by who: String = "",
    then: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: session),
      { batch in
        let session = try batch.session(session)
        let number = try batch.number(of: .exclusion)
        session.excluded = isExcluded ? reason : nil
        batch.add([number, session.id, isExcluded, reason, at, who], to: .exclusion)
      }, then: then)
  }

  /// Of a reason, in characters.
  public static let longestReason = 500
}
