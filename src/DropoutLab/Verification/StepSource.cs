using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Verification;

/// <summary>
/// Gives the weight layers of one training step, in order: the engine by <see cref="StepAudit.Run"/>, or in tests an engine with
/// a fault in it.
/// </summary>
public delegate IReadOnlyList<LayerAudit> StepSource(
    Network network, DropoutSettings dropout, StepInput input, Backend backend, Precision precision);
