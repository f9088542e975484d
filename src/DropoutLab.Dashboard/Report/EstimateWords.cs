using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>Estimates as text.</summary>
internal static class EstimateWords
{
    public const string Nothing = "–";
    private const int Decimals = 4;

    /// <summary>As in 0.7512 ± 0.0031; the mean alone where there is no interval.</summary>
    public static string Text(Estimate? estimate, bool isDifference = false)
    {
        if (estimate?.Mean is not { } mean)
            return Nothing;
        string text = isDifference ? Signed(mean) : Number(mean);
        return estimate.High is { } high ? $"{text} ± {Number(high - mean)}" : text;
    }

    /// <summary>As in [−0.0012, +0.0031]; nothing where there is no interval.</summary>
    public static string Interval(Estimate? estimate) =>
        estimate is { Low: { } low, High: { } high } ? $"[{Signed(low)}, {Signed(high)}]" : Nothing;

    public static string Number(double? value) => value is { } number ? NumberText.Fixed(number, Decimals) : Nothing;

    public static string Signed(double value)
    {
        string text = Number(value);
        return value > 0 && text.AsSpan().IndexOfAnyInRange('1', '9') >= 0 ? $"+{text}" : text;
    }
}
