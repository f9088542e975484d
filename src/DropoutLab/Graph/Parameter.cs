namespace DropoutLab.Graph;

/// <summary>
/// An array that a network keeps from step to step: its name in checkpoints, its shape, how it starts and how it learns.
/// </summary>
/// <param name="Name">The layer's name and the array's, such as conv1.weight.</param>
/// <param name="Shape">OIHW for convolutions, [outputs, inputs] for linear layers.</param>
/// <param name="InitialStandardDeviation">
/// Starts as independent Gaussians of this standard deviation around the initial mean; 0 means all alike.
/// </param>
/// <param name="RateFactor">What the learning rate is multiplied with for this array (Caffe doubles it for biases).</param>
/// <param name="DecayFactor">What the weight decay is multiplied with for this array (Caffe's default for biases is 1).</param>
/// <param name="InitialMean">The mean that it starts with.</param>
/// <param name="IsTrained">Whether it follows its gradient; a running average does not.</param>
public sealed record Parameter(
    string Name, Shape Shape, double InitialStandardDeviation, double RateFactor = 1, double DecayFactor = 1,
    double InitialMean = 0,
    bool IsTrained = true);
