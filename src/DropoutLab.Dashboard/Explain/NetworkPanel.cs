namespace DropoutLab.Dashboard.Explain;

/// <summary>The network that one datum sees: its features, its logits, and the weights between.</summary>
/// <param name="Name">The name of its numbers: what it reads, then its logits.</param>
/// <param name="Title">Whose network it is.</param>
/// <param name="Features">What the layer reads; crossed out where it is dropped.</param>
/// <param name="Logits">z.</param>
/// <param name="Weights">W, [logits, features] in row-major order.</param>
public sealed record NetworkPanel(
    string Name, string Title, IReadOnlyList<MatrixCell> Features, IReadOnlyList<MatrixCell> Logits,
    IReadOnlyList<double> Weights) : Panel
{
    public const double Top = 30;
    public const double FeatureX = 43;
    public const double LogitX = 145;
    public const double FeatureRadius = 15;
    public const double LogitRadius = 19;

    private const double Step = 36;

    public override double Width => 166;

    public override double Height => Top + Features.Count * Step;

    /// <summary>The network in words, for who does not see it.</summary>
    public string Description
    {
        get
        {
            int[] kept = [.. Enumerable.Range(0, Features.Count).Where(i => Features[i].Absence is null)];
            return kept.Length == 0
                ? "Every feature is dropped; only the biases are left."
                : $"Lines lead from the features {string.Join(", ", kept.Select(i => i + 1))} to all {Logits.Count} logits; the "
                    + "others are crossed out.";
        }
    }

    public double FeatureY(int feature) => Top + (feature + 0.5) * Step;

    public double LogitY(int logit) => Top + (logit + 0.5) * Step * Features.Count / Logits.Count;
}
