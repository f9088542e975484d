namespace DropoutLab.Data;

/// <summary>A data set of labelled images in memory, split as its authors split it.</summary>
/// <param name="Name">The data set's name on the command line, such as <c>cifar10</c>, or one of one's own.</param>
/// <param name="ClassNames">What each label means; label i is <c>ClassNames[i]</c>.</param>
/// <param name="Train">The images to train on.</param>
/// <param name="Test">
/// The images to test on, of the same size. A trainer evaluates on them after each epoch: who chooses by that puts a validation set here, and
/// evaluates the test set in the end.
/// </param>
public sealed record ImageDataset(string Name, IReadOnlyList<string> ClassNames, ImageSet Train, ImageSet Test)
{
    /// <summary>The folder or file that it was read from; null where it was made in code.</summary>
    public string? Location { get; init; }

    /// <summary>
    /// Whether images and labels are those that the set's authors publish, in whatever order; null where it was made in code.
    /// </summary>
    public bool? IsPublished { get; init; }

    /// <summary>Tells it from others; computed when first asked for.</summary>
    public DataDigests Digests => new(Train.Digest, Test.Digest);

    /// <summary>Its name, and where it lies.</summary>
    internal string NameAndLocation => Location is null ? Name : $"{Name} in {Location}";
}
