namespace DropoutLab.Dashboard.Explain;

/// <summary>Numbered symbols in plain text, for SVG and for labels.</summary>
internal static class Subscript
{
    /// <summary>As in x₁.</summary>
    public static string Of(string symbol, int number) =>
        symbol + string.Concat($"{number}".Select(digit => (char)('₀' + (digit - '0'))));

    /// <summary>As in x₁, x₂, x₃.</summary>
    public static string[] Sequence(string symbol, int count) =>
        [.. Enumerable.Range(1, count).Select(number => Of(symbol, number))];
}
