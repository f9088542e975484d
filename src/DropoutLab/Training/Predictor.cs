using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Training;

/// <summary>A trained network, to predict with: it takes a run's folder or a checkpoint, none of the training images.</summary>
/// <remarks>Threads may share a predictor. It and its backend do one thing at a time: who wants several side by side takes both for each.</remarks>
public sealed class Predictor : IDisposable
{
    private readonly Network network;
    private readonly ParameterStore parameters;
    private readonly Evaluator evaluator;
    private readonly Backend backend;

    private Predictor(Network network, IReadOnlyList<string> classNames, ParameterStore parameters, Evaluator evaluator, Backend backend)
    {
        (this.network, this.parameters, this.evaluator, this.backend) = (network, parameters, evaluator, backend);
        ClassNames = classNames;
    }

    /// <summary>The images that it takes.</summary>
    public ImageShape Input => network.Input;

    /// <summary>What it tells apart, in the order of the probabilities.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Reads config.json and the checkpoint of a run that has completed an epoch.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="backend">What computes, in the run's precision if it can; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">
    /// There is no run or no checkpoint, it is damaged, of another run, or of a version before 0.2.0, which left out what makes the input.
    /// </exception>
    public static Predictor Open(string folder, Backend backend)
    {
        RunConfiguration configuration = RunConfiguration.Read(folder);
        Checkpoint.RequireOf(configuration, folder);
        Precision asked = Precisions.Parse(configuration.Precision);
        return Open(
            Checkpoint.PathIn(folder), configuration.CreateNetwork(), DatasetCatalog.Find(configuration.Dataset), backend,
            backend.Supports(asked) ? asked : backend.PreferredPrecision);
    }

    /// <summary>Reads a checkpoint of a network of one's own.</summary>
    /// <param name="checkpoint">What <see cref="Checkpoint.Write"/> has written.</param>
    /// <param name="network">What was trained: the same name, the same parameters.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="precision">What it computes in; what it prefers if null.</param>
    /// <exception cref="DropoutLabException">
    /// There is no checkpoint, it is damaged or of another network, or the backend does not compute in the precision.
    /// </exception>
    public static Predictor Open(string checkpoint, Network network, Backend backend, Precision? precision = null)
    {
        if (precision is { } asked)
            backend.RequireSupport(asked);
        return Open(checkpoint, network, data: null, backend, precision ?? backend.PreferredPrecision);
    }

    private static Predictor Open(string checkpoint, Network network, DatasetSource? data, Backend backend, Precision precision)
    {
        ParameterStore parameters = new(network.Parameters, precision);
        try
        {
            (PixelTransform transform, IReadOnlyList<string> classNames) = Checkpoint.ReadNetwork(checkpoint, network, data, parameters);
            Evaluator evaluator = new(network, DropoutSettings.None, backend, parameters, precision, transform);
            return new Predictor(network, classNames, parameters, evaluator, backend);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Trainer.Predict"/>
    public ReadOnlyMemory<double> Predict(ImageSet images, CancellationToken cancellation = default)
    {
        Trainer.CheckFit(network, images, "the set to predict");
        return evaluator.Predict(images, cancellation);
    }

    public void Dispose()
    {
        lock (backend.Gate)
        {
            evaluator.Dispose();
            parameters.Dispose();
        }
    }
}
