import Basics
import Foundation

/// What the datapackage.json beside an exported ratings table says about the analysis plans that the study had while it
/// was served.
package struct PlanRecord: Decodable {
  struct Plan: Decodable {
    var sha256, firstSeenAt: String

    enum CodingKeys: String, CodingKey {
      case sha256
      case firstSeenAt = "first_seen_at"
    }
  }

  var plans: [Plan]

  enum CodingKeys: String, CodingKey { case plans = "analysis_plans" }

  /// Nil if there is no data package beside the table, or if it does not mention plans.
  package init?(beside ratings: URL) {
    let file = ratings.deletingLastPathComponent().appending(path: "datapackage.json")
    guard let data = try? InputFile.data(file), let record = try? JSONDecoder().decode(PlanRecord.self, from: data),
      !record.plans.isEmpty
    else { return nil }
    self = record
  }

  /// Whether the study had exactly this plan before the first rating; nil if the times cannot be read.
  package func held(_ sha256: String, before firstRating: String?) -> Bool? {
    guard let plan = plans.first(where: { $0.sha256 == sha256 }) else { return false }
    guard let seen = Self.time(plan.firstSeenAt), let rated = firstRating.flatMap(Self.time) else { return nil }
    return seen < rated
  }

  private static func time(_ text: String) -> Date? {
    let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return (try? exact.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
  }
}
