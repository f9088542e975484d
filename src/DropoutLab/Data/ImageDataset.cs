namespace DropoutLab.Data;

/// <summary>A data set of labelled images in memory, split as its authors split it.</summary>
/// <param name="Name">The data set's name on the command line, such as <c>cifar10</c>.</param>
/// <param name="ClassNames">What each label means; label i is <c>ClassNames[i]</c>.</param>
/// <param name="Train">The images to train on.</param>
/// <param name="Test">The images to test on, of the same size.</param>
public sealed record ImageDataset(string Name, IReadOnlyList<string> ClassNames, ImageSet Train, ImageSet Test);
