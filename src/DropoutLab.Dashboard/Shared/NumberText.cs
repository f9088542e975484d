using System.Globalization;

namespace DropoutLab.Dashboard.Shared;

/// <summary>Numbers as a page shows them: with a true minus sign, and with every digit where a program reads them.</summary>
internal static class NumberText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>As short as it goes with at most two decimals.</summary>
    public static string Short(double value) => WithMinus(value.ToString("0.##", CultureInfo.InvariantCulture));

    /// <summary>Two digits, with a power of ten where the number is tiny, as in 2.8·10⁻¹⁷.</summary>
    public static string TwoDigits(double value)
    {
        if (value == 0 || Math.Abs(value) >= 0.01)
            return Short(value);
        string[] parts = value.ToString("0.0e0", CultureInfo.InvariantCulture).Split('e');
        string power = string.Concat(parts[1].Select(character => character == '-' ? '⁻' : Superscripts[character - '0']));
        return $"{WithMinus(parts[0])}·10{power}";
    }

    /// <summary>One digit and a power of ten in the width of a cell, as in 3e−17; 0 is 0.</summary>
    public static string Tiny(double value) =>
        WithMinus(value.ToString("0e0", CultureInfo.InvariantCulture)) is var text && value == 0 ? "0" : text;

    /// <summary>Every digit: reading it gives the same number.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A coordinate of a drawing.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string WithMinus(string text) => text.Replace('-', '−');
}
