import CNLopt

/// Minimises a function within bounds by NLopt's BOBYQA (Powell 2009), which needs no derivatives. No other file calls
/// NLopt. Why NLopt: lme4 uses it too, it is well maintained, and everything used here is under LGPL or MIT.
struct Minimiser {
  struct Result {
    var x: [Double]
    var value: Double
    /// Whether a tolerance was met, rather than the limit on evaluations.
    var converged: Bool
  }

  var lower: [Double]
  var upper: [Double]
  /// The distance of the first probes.
  var step = 0.3
  var tolerance = 1e-8
  var maxEvaluations = 5000

  /// Searches from `start`, and again from each result as long as that helps, since a restart rebuilds an outdated
  /// quadratic model.
  func minimise(from start: [Double], _ function: (([Double]) -> Double)) -> Result {
    var result = once(from: start, step: step, function)
    for _ in 0..<4 {
      let again = once(from: result.x, step: step / 30, function)
      let gain = result.value - again.value
      if gain >= 0 { result = again }
      if gain < 1e-12 * max(1, abs(result.value)) { break }
    }
    return result
  }

  private func once(from start: [Double], step: Double, _ function: ([Double]) -> Double) -> Result {
    Self.run(
      NLOPT_LN_BOBYQA, from: start,
      set: { optimiser in
        nlopt_set_lower_bounds(optimiser, lower)
        nlopt_set_upper_bounds(optimiser, upper)
        nlopt_set_initial_step1(optimiser, step)
        nlopt_set_xtol_abs1(optimiser, tolerance)
        nlopt_set_ftol_rel(optimiser, 1e-14)
        nlopt_set_maxeval(optimiser, Int32(maxEvaluations))
      }, { x, _ in function(x) })
  }

  /// Minimises a smooth function of many variables without bounds, by NLopt's L-BFGS (Nocedal 1980). The function also
  /// writes its gradient if it is given room for it.
  static func descend(
    from start: [Double], maxEvaluations: Int = 3000, _ function: ([Double], UnsafeMutablePointer<Double>?) -> Double
  ) -> Result {
    run(
      NLOPT_LD_LBFGS, from: start,
      set: { optimiser in
        nlopt_set_ftol_rel(optimiser, 1e-10)
        nlopt_set_maxeval(optimiser, Int32(maxEvaluations))
        // By default it keeps thousands of gradients, and processing them takes nearly all of the time.
        nlopt_set_vector_storage(optimiser, 20)
      }, function)
  }

  private static func run(
    _ algorithm: nlopt_algorithm, from start: [Double], set: (nlopt_opt) -> Void,
    _ function: ([Double], UnsafeMutablePointer<Double>?) -> Double
  ) -> Result {
    guard !start.isEmpty else { return Result(x: [], value: function([], nil), converged: true) }
    // The callback is a C function without context, so the closure is passed by address and kept alive here.
    return withoutActuallyEscaping(function) { function in
      let call = Call(function)
      return withExtendedLifetime(call) {
        guard let optimiser = nlopt_create(algorithm, UInt32(start.count)) else {
          return Result(x: start, value: function(start, nil), converged: false)
        }
        defer { nlopt_destroy(optimiser) }
        nlopt_set_min_objective(
          optimiser,
          { count, x, gradient, context in
            guard let x, let context else { return .infinity }
            return Unmanaged<Call>.fromOpaque(context).takeUnretainedValue()(x, Int(count), gradient)
          }, Unmanaged.passUnretained(call).toOpaque())
        set(optimiser)
        var x = start, value = 0.0
        let code = nlopt_optimize(optimiser, &x, &value)
        // Progress limited by rounding counts as converged too; the call remembers the best point.
        let converged = code.rawValue > 0 && code != NLOPT_MAXEVAL_REACHED || code == NLOPT_ROUNDOFF_LIMITED
        return Result(x: call.best, value: call.least, converged: converged)
      }
    }
  }
}

/// A closure that C can refer to by address. It remembers the best point.
private final class Call {
  private let function: ([Double], UnsafeMutablePointer<Double>?) -> Double
  private(set) var best: [Double] = []
  private(set) var least = Double.infinity

  init(_ function: @escaping ([Double], UnsafeMutablePointer<Double>?) -> Double) { self.function = function }

  func callAsFunction(
    _ x: UnsafePointer<Double>, _ count: Int, _ gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let point = Array(UnsafeBufferPointer(start: x, count: count))
    let value = function(point, gradient)
    if best.isEmpty || value < least { (best, least) = (point, value) }
    return value.isNaN ? .infinity : value
  }
}
