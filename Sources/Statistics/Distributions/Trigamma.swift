/// The trigamma function of a number above 0: the variance of the logarithm of a gamma variable of that shape. By recurrence
/// up to 10, and by its asymptotic series from there on (Abramowitz & Stegun 6.4.6, 6.4.12).
public func trigamma(_ x: Double) -> Double {
  var x = x, sum = 0.0
  while x < 10 {
    sum += 1 / (x * x)
    x += 1
  }
  let y = 1 / (x * x)
  return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)))
}
