using System.Globalization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>Estimates as every table shows them: four decimals, a true minus sign, a dash for what is not there.</summary>
public static class EstimateWords
{
    /// <summary>What stands where there is no number.</summary>
    public const string Nothing = "–";

    private const int Decimals = 4;

    /// <summary>As in 0.7512 ± 0.0031; the mean alone where there is no interval.</summary>
    /// <param name="estimate">What to show; null for nothing.</param>
    /// <param name="isDifference">Whether the mean has its sign, + too.</param>
    public static string Text(Estimate? estimate, bool isDifference = false)
    {
        if (estimate?.Mean is not { } mean)
            return Nothing;
        string text = isDifference ? Signed(mean) : Number(mean);
        return estimate.High is { } high ? $"{text} ± {Number(high - mean)}" : text;
    }

    /// <summary>
    /// As in +0.0031 ± 0.0012, and (n = 2) behind it where it is of other pairs than the values beside it are of runs.
    /// </summary>
    public static string Difference(Estimate? difference, int count) =>
        difference is { Mean: not null } && difference.Count != count
        ? $"{Text(difference, isDifference: true)} (n = {difference.Count})"
        : Text(difference, isDifference: true);

    /// <summary>As in [−0.0012, +0.0031]; nothing where there is no interval.</summary>
    public static string Interval(Estimate? estimate) =>
        estimate is { Low: { } low, High: { } high } ? $"[{Signed(low)}, {Signed(high)}]" : Nothing;

    /// <summary>As in 0.7512.</summary>
    public static string Number(double? value) => value is { } number ? Fixed(number, Decimals) : Nothing;

    /// <summary>As in +0.0031; 0.0000 has no sign.</summary>
    public static string Signed(double? value)
    {
        string text = Number(value);
        return value > 0 && text.AsSpan().IndexOfAnyInRange('1', '9') >= 0 ? $"+{text}" : text;
    }

    /// <summary>With a fixed number of decimals; what rounds to 0 has no sign.</summary>
    public static string Fixed(double value, int decimals)
    {
        string text = value.ToString($"f{decimals}", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAnyInRange('1', '9') < 0 ? text.TrimStart('-') : text.Replace('-', '−');
    }
}
