using DropoutLab.Auditing;
using DropoutLab.Graph;

namespace DropoutLab.Explanations;

/// <summary>The little linear algebra that recomputes an example from outside the engine.</summary>
internal static class Matrices
{
    public static AuditedArray Times(AuditedArray left, AuditedArray right) => Combine(left, right, (a, b) => a * b);

    public static AuditedArray Minus(AuditedArray left, AuditedArray right) => Combine(left, right, (a, b) => a - b);

    /// <summary>Σₙ δₙ vₙᵀ, [O, I], over the data given.</summary>
    /// <param name="signal">δ, [N, O].</param>
    /// <param name="view">v, [N, I].</param>
    /// <param name="data">The numbers n.</param>
    public static AuditedArray OuterSum(AuditedArray signal, AuditedArray view, params IEnumerable<int> data)
    {
        int outputs = signal.Shape.CountPerDatum, inputs = view.Shape.CountPerDatum;
        double[] sum = new double[outputs * inputs];
        foreach (int n in data)
        {
            ReadOnlySpan<double> delta = signal.Datum(n), features = view.Datum(n);
            for (int o = 0; o < outputs; o++)
                for (int i = 0; i < inputs; i++)
                    sum[o * inputs + i] += delta[o] * features[i];
        }

        return new AuditedArray(new Shape(outputs, inputs), sum);
    }

    public static double LargestMagnitude(AuditedArray array) => array.Values.Max(Math.Abs);

    private static AuditedArray Combine(AuditedArray left, AuditedArray right, Func<double, double, double> combine) =>
        new(left.Shape, [.. left.Values.Zip(right.Values, combine)]);
}
