using DropoutLab.Graph;

namespace DropoutLab.Auditing;

/// <summary>
/// Everything that a weight layer read and gave in one training step, so that
/// <code>
/// z = W (h ⊙ F) + b      ∂J/∂W = ∂J/∂z (h ⊙ B)ᵀ      ∂J/∂b = Σ ∂J/∂z      ∂J/∂h = Wᵀ ∂J/∂z ⊙ B
/// </code>
/// can be checked from outside.
/// </summary>
/// <param name="Name">The layer's name, which is its dropout site's too.</param>
/// <param name="IsConvolution">Whether W is a convolution; else a matrix.</param>
/// <param name="Stride">Of a convolution; 1 for a matrix.</param>
/// <param name="Padding">Of a convolution; 0 for a matrix.</param>
/// <param name="Weight">W.</param>
/// <param name="Bias">b; null where there is none.</param>
/// <param name="Input">h, before dropout.</param>
/// <param name="ForwardFactor">F, scaling included; ones without dropout.</param>
/// <param name="BackwardFactor">B, scaling included; ones without dropout.</param>
/// <param name="Output">z, before the activation.</param>
/// <param name="OutputGradient">∂J/∂z.</param>
/// <param name="WeightGradient">∂J/∂W.</param>
/// <param name="BiasGradient">∂J/∂b; null where there is no bias.</param>
/// <param name="InputGradient">∂J/∂h.</param>
public sealed record LayerAudit(
    string Name,
    bool IsConvolution,
    int Stride,
    int Padding,
    AuditedArray Weight,
    AuditedArray? Bias,
    AuditedArray Input,
    AuditedArray ForwardFactor,
    AuditedArray BackwardFactor,
    AuditedArray Output,
    AuditedArray OutputGradient,
    AuditedArray WeightGradient,
    AuditedArray? BiasGradient,
    AuditedArray InputGradient);

/// <summary>One array of an audited step, in 64 bits whatever it was computed in.</summary>
/// <param name="Shape">
/// Images and feature maps [N, H, W, C], vectors [N, F], convolution weights [O, I, K, K], linear weights [O, I].
/// </param>
/// <param name="Values">The elements in row-major order.</param>
public sealed record AuditedArray(Shape Shape, double[] Values)
{
    /// <summary>The elements of one datum.</summary>
    public ReadOnlySpan<double> Datum(int number) => Values.AsSpan(number * Shape.CountPerDatum, Shape.CountPerDatum);
}
