namespace DropoutLab.Benchmarks.Measuring;

/// <summary>The middle of measurements, and what a tenth of them lie below and above.</summary>
internal sealed record Spread(double Median, double P10, double P90)
{
    /// <summary>By linear interpolation between the two measurements next to a quantile.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread(Quantile(sorted, 0.5), Quantile(sorted, 0.1), Quantile(sorted, 0.9));
    }

    private static double Quantile(double[] sorted, double part)
    {
        double place = part * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
