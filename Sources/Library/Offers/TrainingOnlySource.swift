/// Wraps another source so that its sounds are only for training: synthesised sounds are not targets of a test.
public struct TrainingOnlySource: SoundSource {
  /// The source whose sounds are passed on.
  public var source: any SoundSource
  public var name: String { source.name }

  public init(_ source: any SoundSource) { self.source = source }

  public func offers() throws -> [SoundOffer] {
    try source.offers().map { offer in
      var offer = offer
      offer.isTrainingOnly = true
      if !offer.tags.contains("synthetic") { offer.tags.append("synthetic") }
      return offer
    }
  }
}
