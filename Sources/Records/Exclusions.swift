extension Records {
  /// Excludes a session from analyses, or includes it again. Each act stays on record with its reason; nothing is deleted.
  /// An excluded session takes none of the study's places.
  /// - Parameters:
  ///   - reason: one line, at most `longestReason` characters; it may be empty when a session is included again.
  ///   - who: the name of the person who decides; empty for somebody with the study's secret.
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

  /// The maximum length of a reason, in characters.
  public static let longestReason = 500
}
