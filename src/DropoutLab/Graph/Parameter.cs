namespace DropoutLab.Graph;

/// <summary>A trained array: its name in checkpoints, its shape, how it starts and how it learns.</summary>
/// <param name="Name">The layer's name and the array's, such as conv1.weight.</param>
/// <param name="Shape">OIHW for convolutions, [outputs, inputs] for linear layers.</param>
/// <param name="InitialStandardDeviation">Starts as independent Gaussians of this standard deviation and mean 0; 0 means zeros.</param>
/// <param name="RateFactor">What the learning rate is multiplied with for this array (Caffe doubles it for biases).</param>
/// <param name="DecayFactor">What the weight decay is multiplied with for this array (Caffe's default for biases is 1).</param>
public sealed record Parameter(
    string Name, Shape Shape, double InitialStandardDeviation, double RateFactor = 1, double DecayFactor = 1);
