import Foundation

func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
func number(_ value: Double, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }

/// The share of `cases` in `all`, in percent.
func share(_ cases: Int, of all: Int) -> String { percent(Double(cases) / Double(max(1, all))) }
