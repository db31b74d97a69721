import Foundation

/// The linear amplitude of a level in decibels.
public func amplitude(_ decibels: Double) -> Double { pow(10, decibels / 20) }

/// The level in decibels of a linear amplitude, at least -200.
public func decibels(_ amplitude: Double) -> Double { 20 * log10(max(amplitude, 1e-10)) }
