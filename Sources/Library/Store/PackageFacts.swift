/// What is known of a sound beyond its names.
struct PackageFacts: Sendable, Equatable {
  var licence: String
  /// Of the whole kit.
  var tags: [String] = []
}
