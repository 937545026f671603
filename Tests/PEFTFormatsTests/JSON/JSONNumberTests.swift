import PEFTFormats
import Testing

@Suite("JSON numbers")
struct JSONNumberTests {
    private func number(_ text: String) throws -> JSONNumber {
        guard case .number(let number) = try parse(text) else {
            throw JSONError(source: text, place: .value(path: ""), expected: "a number", found: "something else")
        }
        return number
    }

    @Test("integers are exact or nil")
    func integers() throws {
        #expect(try number("9223372036854775807").int == .max)
        #expect(try number("-9223372036854775808").int == .min)
        #expect(try number("9223372036854775808").int == nil)
        #expect(try number("18446744073709551615").uint64 == .max)
        #expect(try number("18446744073709551616").uint64 == nil)
        #expect(try number("-1").uint64 == nil)
        #expect(try number("-0").int == 0)
    }

    @Test("what is written with fraction or exponent is no integer", arguments: ["1.0", "1e3", "0.5", "-0.0"])
    func notIntegers(_ text: String) throws {
        #expect(try number(text).int == nil)
        #expect(try number(text).uint64 == nil)
        #expect(try !number(text).isInteger)
        #expect(try number(text).double != nil)
    }

    @Test("doubles are the nearest, and nil beyond the largest")
    func doubles() throws {
        #expect(try number("0.1").double == 0.1)
        #expect(try number("1e-12").double == 1e-12)
        #expect(try number("9007199254740993").double == 9_007_199_254_740_992)
        #expect(try number("1e308").double == 1e308)
        #expect(try number("1e309").double == nil)
        #expect(try number("-0.0").double?.sign == .minus)
    }

    @Test("what is not finite has no number")
    func notFinite() {
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSONValue(Double.nan) == .null)
    }

    @Test(
        "doubles are written as Python's repr",
        arguments: [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (16, "16.0"), (-2.5, "-2.5"), (0.1, "0.1"), (100, "100.0"),
            (0.0001, "0.0001"), (0.00001, "1e-05"), (0.00012345, "0.00012345"), (1.5e-7, "1.5e-07"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1e15, "1000000000000000.0"), (9_999_999_999_999_998, "9999999999999998.0"), (1e16, "1e+16"),
            (1.2345678901234567e16, "1.2345678901234568e+16"), (123_456_789_012_345_680, "1.2345678901234568e+17"),
            (1e22, "1e+22"), (1e100, "1e+100"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"), (1.0 / 3, "0.3333333333333333"),
            (1234.5678, "1234.5678"), (1e-12, "1e-12"), (0.002, "0.002"),
            (2_251_799_813_685_248.5, "2251799813685248.5"),
        ] as [(Double, String)]
    )
    func pythonLayout(_ value: Double, _ text: String) throws {
        let number = try #require(JSONNumber(value))
        #expect(number.text == text)
        #expect(number.double == value)
    }
}
