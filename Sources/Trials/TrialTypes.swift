/// All trial types. One more is a folder here, a folder in `Public/scripts/trials`, and a word in this list.
public enum TrialTypes {
  public static let all: [any TrialType] = [Similarity()]

  public static func named(_ name: String) -> (any TrialType)? { all.first { $0.name == name } }
}
