namespace DropoutLab.Data.Images;

/// <summary>A data set of labelled images in memory, split as its authors split it.</summary>
/// <param name="Name">The data set's name on the command line, such as <c>cifar10</c>, or one of one's own.</param>
/// <param name="ClassNames">What each label means; label i is <c>ClassNames[i]</c>.</param>
/// <param name="Train">The images to train on.</param>
/// <param name="Test">
/// The images to test on, of the same size. A trainer evaluates on them after each epoch: who chooses by that puts a validation
/// set here, and evaluates the test set in the end.
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

    /// <summary>Both sets as a trainer takes them: normalised by the training set, augmented where they are trained on.</summary>
    /// <param name="scaling">How pixels become the input.</param>
    /// <param name="augmentation">What is changed at random in the images that are trained on.</param>
    /// <exception cref="DropoutLabException">
    /// The augmentation would leave nothing of such images to see, or change nothing.
    /// </exception>
    public TrainingData Batches(PixelScaling scaling, Augmentation augmentation = default)
    {
        PixelTransform transform = PixelTransform.Fit(scaling, Train);
        return new TrainingData(
            Name, new ImageBatches($"{Name}'s training set", Train, transform, augmentation),
            new ImageBatches($"{Name}'s test set", Test, transform))
        { ClassNames = ClassNames, Location = Location };
    }

    /// <summary>
    /// A part of the training set, the same in every run, in the test set's place: to choose by, before the test set is used.
    /// </summary>
    /// <param name="part">Of the training set, in (0, 1).</param>
    /// <exception cref="DropoutLabException">It would be none or all of it.</exception>
    public ImageDataset HoldOut(double part)
    {
        (int[] kept, int[] held) = HeldOut.Split(Train.Count, part, $"{Name}'s training set");
        return this with { Train = Train.Take(kept), Test = Train.Take(held) };
    }
}
