using DropoutLab.Auditing;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Models;
using DropoutLab.Recipes;

namespace DropoutLab.Cli.Commands;

/// <summary>The network and the minibatch of an audit.</summary>
internal sealed record AuditData(Network Network, StepInput Input)
{
    private const int MadeUpClasses = 10;

    private static readonly ImageShape MadeUpImages = new(32, 32, 3);

    public static AuditData MadeUp(ModelRecipe recipe, int batchSize, ulong seed, uint step)
    {
        Network network = recipe.Create(MadeUpImages, MadeUpClasses);
        return new AuditData(network, MadeUpInput.Minibatch(network, batchSize, seed, step));
    }

    /// <summary>The network that an audit was of, by its name, its images and what its last layer gave.</summary>
    public static Network NetworkOf(StepAudit audit)
    {
        ReadOnlySpan<int> images = audit.Images.Shape.Axes;
        return ModelRecipe.Find(audit.Settings.Network)
            .Create(new ImageShape(images[1], images[2], images[3]), audit.Layers[^1].Output.Shape.CountPerDatum);
    }

    /// <summary>The first images of a training set, with the pixels that the model is trained on.</summary>
    public static AuditData FirstOf(ImageDataset data, ModelRecipe recipe, int batchSize, ulong seed, uint step)
    {
        ImageSet train = data.Train;
        if (batchSize > train.Count)
            throw new DropoutLabException($"--batch-size {batchSize}: {data.Name} has {train.Count} images to train on");
        PixelTransform transform = PixelTransform.Fit(recipe.Default.PixelScaling, train);
        double[] images = new double[batchSize * train.ImageSize];
        for (int i = 0; i < batchSize; i++)
            transform.Apply(train.Image(i), images.AsSpan(i * train.ImageSize, train.ImageSize));
        int[] labels = [.. train.Labels[..batchSize].ToArray().Select(label => (int)label)];
        return new AuditData(recipe.CreateFor(data), new StepInput(images, labels, seed, step));
    }
}
