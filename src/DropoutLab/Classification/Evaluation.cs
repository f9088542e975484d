namespace DropoutLab.Classification;

/// <summary>How good predictions of a set of images are.</summary>
/// <param name="Loss">The mean of −log of the probability of the true class, in nats.</param>
/// <param name="Accuracy">The part of the images whose most probable class is the true one.</param>
/// <param name="CalibrationError">ECE in 15 bins; see <see cref="ReliabilityDiagram"/>.</param>
/// <param name="Count">The number of images.</param>
public sealed record Evaluation(double Loss, double Accuracy, double CalibrationError, int Count);
