using DropoutLab.Graph;

namespace DropoutLab.Auditing;

/// <summary>One array of an audited step, in 64 bits whatever it was computed in.</summary>
/// <param name="Shape">Images and feature maps [N, H, W, C], vectors [N, F], convolution weights [O, I, K, K], linear weights [O, I].</param>
/// <param name="Values">The elements in row-major order.</param>
public sealed record AuditedArray(Shape Shape, double[] Values)
{
    /// <summary>The elements of one datum.</summary>
    public ReadOnlySpan<double> Datum(int number) => Values.AsSpan(number * Shape.CountPerDatum, Shape.CountPerDatum);
}
