import Basics
import Testing

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "the nearest name is suggested if it differs in at most a third of its letters",
    arguments: [
      ("qeuries", "queries"), ("Top_K", "top_k"), ("max_per_tral", "max_per_trial"), ("seconds", nil), ("x", nil),
      ("hihta", "hihat"),
    ])
  func nearest(name: String, expected: String?) {
    #expect(Suggestion.nearest(name, among: ["queries", "top_k", "max_per_trial", "hihat", "kick"]) == expected)
  }
}
