using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Charts;

/// <summary>An axis.</summary>
/// <param name="Title">What it measures, with the unit.</param>
/// <param name="Low">The value at its beginning.</param>
/// <param name="High">The value at its end.</param>
/// <param name="Ticks">Its labelled places.</param>
public sealed record ChartAxis(string Title, double Low, double High, IReadOnlyList<AxisTick> Ticks)
{
    private const double Epsilon = 1e-9;
    private const int LongestName = 16;

    /// <summary>An axis that holds some values, from one round number to another.</summary>
    /// <param name="title">What it measures.</param>
    /// <param name="values">What it has to hold; not empty.</param>
    /// <param name="intervals">The number of intervals to come near to.</param>
    public static ChartAxis Around(string title, IReadOnlyCollection<double> values, int intervals = 5)
    {
        double low = values.Min(), high = values.Max();
        if (high - low < Math.Max(Math.Abs(high), 1) * 1e-6)
        {
            double room = Math.Max(0.01, Math.Abs(high) * 1e-6);
            (low, high) = (low - room, high + room);
        }

        double step = RoundStep((high - low) / intervals);
        long first = (long)Math.Floor(low / step + Epsilon), last = (long)Math.Ceiling(high / step - Epsilon);
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + Epsilon));
        return new ChartAxis(
            title, first * step, last * step,
            [.. Range(first, last).Select(i => new AxisTick(i * step, EstimateWords.Fixed(i * step, decimals)))]);
    }

    /// <summary>An axis of whole numbers from 1, as of epochs.</summary>
    public static ChartAxis Counting(string title, int count)
    {
        int step = Math.Max(1, (int)RoundStep(count / 10.0));
        AxisTick[] ticks = [.. Enumerable.Range(1, count).Where(i => i % step == 0)
            .Select(i => new AxisTick(i, EstimateWords.Fixed(i, 0)))];
        return count > 1 ? new ChartAxis(title, 1, count, ticks) : new ChartAxis(title, 0.5, 1.5, ticks);
    }

    /// <summary>
    /// An axis of names at 0, 1, 2 and so on, with half a place before the first and behind the last. Long names are cut, and
    /// where there are more than there is room for only every second, third … has its label.
    /// </summary>
    public static ChartAxis Of(string title, IReadOnlyList<string> names)
    {
        string[] labels = [.. names.Select(name => ShortText.Of(name, LongestName))];
        double room = (LineChart.Right - LineChart.Left) / names.Count,
            needed = (labels.Max(label => label.Length) + 1) * LineChart.LetterWidth;
        int step = (int)Math.Ceiling(needed / room);
        return new ChartAxis(title, -0.5, names.Count - 0.5,
            [.. labels.Index().Where(label => label.Index % step == 0).Select(label => new AxisTick(label.Index, label.Item))]);
    }

    /// <summary>Where a value lies between the pixels of the axis' ends.</summary>
    public double Position(double value, double from, double to) => from + (value - Low) / (High - Low) * (to - from);

    private static IEnumerable<long> Range(long first, long last)
    {
        for (long i = first; i <= last; i++)
            yield return i;
    }

    /// <summary>The least of 1, 2 and 5 times a power of ten that is not below.</summary>
    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step) + Epsilon));
        double digit = step / power;
        return power * (digit <= 1 + Epsilon ? 1 : digit <= 2 + Epsilon ? 2 : digit <= 5 + Epsilon ? 5 : 10);
    }
}
