/// What reading a study needs to know of a trial type. The rest of it is the room `Trials`.
public protocol TrialDesign: Sendable {
  /// Its name in study.yaml, the database, `trial_type` and the folder of its page.
  var name: String { get }

  /// The pages that are made of what is gathered for a query and condition. Each has its candidates, and those of a
  /// page that looks the same and checks attention.
  func pages(of pool: StudyDesign.Item) -> [StudyDesign.Item]
}

extension TrialDesign {
  /// One page with all of them.
  public func pages(of pool: StudyDesign.Item) -> [StudyDesign.Item] { [pool] }
}
