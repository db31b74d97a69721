/// What is known about a sound beyond its names.
struct PackageFacts: Sendable, Equatable {
  var licence: String
  /// Tags of the whole kit.
  var tags: [String] = []
}
