using System.Globalization;

namespace DropoutLab.Dropout;

/// <summary>
/// A drop probability as a function of the training step: constant, along a line, or in steps. It is read at each step, so that
/// one compiled plan serves all of them. A number is a constant schedule. All values are in [0, 1). Two of the same ratio at
/// every step are equal.
/// </summary>
public abstract record RatioSchedule
{
    private const NumberStyles RatioStyle =
        NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;

    private RatioSchedule()
    {
    }

    /// <summary>Whether the ratio is 0 at every step: nothing is ever dropped.</summary>
    public abstract bool IsZero { get; }

    /// <summary>The same ratio at every step.</summary>
    /// <exception cref="DropoutLabException">The ratio is not in [0, 1).</exception>
    public static RatioSchedule Constant(double ratio) => new ConstantSchedule(DropoutRule.Ratio(ratio));

    /// <summary>from + (to − from) · step / steps, and constant from step <paramref name="steps"/> on.</summary>
    /// <param name="from">The ratio at step 0.</param>
    /// <param name="to">The ratio at step <paramref name="steps"/> and after.</param>
    /// <param name="steps">At least 1.</param>
    /// <exception cref="DropoutLabException">A ratio is not in [0, 1), or there is no step between them.</exception>
    public static RatioSchedule Linear(double from, double to, uint steps)
    {
        LinearSchedule line = new(DropoutRule.Ratio(from), DropoutRule.Ratio(to), steps);
        if (steps == 0)
            throw new DropoutLabException(
                "a linear dropout ratio needs at least 1 step to get from its first value to its last, not 0");
        return line.From == line.To ? Constant(from)
            : steps == 1 ? Steps(from, (1, to))
            : line;
    }

    /// <summary>A ratio that jumps.</summary>
    /// <param name="initial">The ratio before the first change.</param>
    /// <param name="changes">The step from which each next ratio holds; the steps grow and are above 0.</param>
    /// <exception cref="DropoutLabException">A ratio is not in [0, 1), or the steps do not grow.</exception>
    public static RatioSchedule Steps(double initial, params (uint Step, double Ratio)[] changes)
    {
        List<(uint Step, double Ratio)> values = [(0, DropoutRule.Ratio(initial))];
        foreach ((uint step, double ratio) in changes)
        {
            if (step <= values[^1].Step)
                throw new DropoutLabException(
                    $"the steps at which a dropout ratio changes must grow from 1 on: {step} comes after {values[^1].Step}");
            values.Add((step, DropoutRule.Ratio(ratio)));
        }

        (uint Step, double Ratio)[] differing = [.. values.Where((value, i) => i == 0 || value.Ratio != values[i - 1].Ratio)];
        return differing is [_] ? Constant(initial) : new StepSchedule(differing);
    }

    /// <inheritdoc cref="Constant"/>
    public static implicit operator RatioSchedule(double ratio) => Constant(ratio);

    /// <summary>The ratio of a training step.</summary>
    public abstract double At(uint step);

    /// <summary>1/(1 − p) at a step: what kept elements are multiplied by, so that their mean stays.</summary>
    internal double ScaleAt(uint step) => 1 / (1 - At(step));

    /// <summary>P, P..P@N or P,P@N,P@N…: constant, linear over N steps, or in steps from step N on.</summary>
    public abstract override string ToString();

    /// <summary>Reads what <see cref="ToString"/> writes; null if the text is no schedule.</summary>
    /// <exception cref="DropoutLabException">It is one, but a ratio or a step is out of range.</exception>
    internal static RatioSchedule? Read(string text)
    {
        if (Number(text) is double ratio)
            return Constant(ratio);
        if (text.Split("..") is [string first, string last])
            return Number(first) is double from && Change(last) is (uint steps, double to) ? Linear(from, to, steps) : null;
        string[] parts = text.Split(',');
        (uint Step, double Ratio)?[] changes = [.. parts.Skip(1).Select(Change)];
        return Number(parts[0]) is double initial && changes.Length > 0 && changes.All(change => change is not null)
            ? Steps(initial, [.. changes.Select(change => change!.Value)])
            : null;
    }

    private static double? Number(string text) =>
        double.TryParse(text, RatioStyle, CultureInfo.InvariantCulture, out double number) ? number : null;

    /// <summary>P@N.</summary>
    private static (uint Step, double Ratio)? Change(string text) =>
        text.Split('@') is [string ratio, string step] && Number(ratio) is double number
        && uint.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out uint at)
            ? (at, number)
            : null;

    private static string Text(double ratio) => ratio.ToString(CultureInfo.InvariantCulture);

    private sealed record ConstantSchedule(double Ratio) : RatioSchedule
    {
        public override bool IsZero => Ratio == 0;

        public override double At(uint step) => Ratio;

        public override string ToString() => Text(Ratio);
    }

    private sealed record LinearSchedule(double From, double To, uint Length) : RatioSchedule
    {
        public override bool IsZero => From == 0 && To == 0;

        // Rounding must not leave [0, 1), nor miss the end.
        public override double At(uint step) => step >= Length
            ? To
            : Math.Clamp(From + (To - From) * step / Length, Math.Min(From, To), Math.Max(From, To));

        public override string ToString() => $"{Text(From)}..{Text(To)}@{Length}";
    }

    private sealed record StepSchedule((uint Step, double Ratio)[] Values) : RatioSchedule
    {
        public override bool IsZero => Values.All(value => value.Ratio == 0);

        public override double At(uint step)
        {
            int last = Values.Length - 1;
            while (Values[last].Step > step)
                last--;
            return Values[last].Ratio;
        }

        public bool Equals(StepSchedule? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values);

        public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

        public override string ToString() =>
            string.Join(',', Values.Select(value => value.Step == 0 ? Text(value.Ratio) : $"{Text(value.Ratio)}@{value.Step}"));
    }
}
